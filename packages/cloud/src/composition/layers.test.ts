import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const repositoryName = "team/app";
const layer = Buffer.from("a layer");
const config = Buffer.from('{"architecture":"amd64","os":"linux"}');

describe("layers in the embedded cloud", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "layers-"));
  let cloud: Cloud;
  let ecr: ECRClient;

  beforeAll(async () => {
    const place = { dataDirectory, bundlesDirectory: dataDirectory, port: 0 };
    cloud = await startCloud({ ...smallStacks(), ...place, hubRegistry, registries: [hubRegistry] });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    ecr = new ECRClient({ endpoint: cloud.url, region: "us-east-1", maxAttempts: 1, credentials });
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    for (const bytes of [layer, config]) await upload(bytes);
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: descriptor("application/vnd.oci.image.config.v1+json", config),
      layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    };
    const imageManifest = JSON.stringify(manifest);
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: "1.0" }));
  });
  afterAll(async () => {
    ecr.destroy();
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function upload(bytes: Buffer): Promise<void> {
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    const range = { partFirstByte: 0, partLastByte: bytes.byteLength - 1 };
    const part = { repositoryName, uploadId, ...range, layerPartBlob: bytes };
    await ecr.send(new UploadLayerPartCommand(part));
    const layerDigests = [digestOf(bytes)];
    await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests }));
  }

  async function urlOfLayer(): Promise<string> {
    const input = { repositoryName, layerDigest: digestOf(layer) };
    const { downloadUrl } = await ecr.send(new GetDownloadUrlForLayerCommand(input));
    return String(downloadUrl);
  }

  async function advance(duration: string): Promise<void> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ advance: duration }) };
    expect((await fetch(`${cloud.url}/_embedded/clock`, init)).status).toBe(200);
  }

  test("are read by a URL of this very cloud, as it is given, until the cloud's clock ends it", async () => {
    const url = await urlOfLayer();
    expect(new URL(url).origin).toBe(cloud.url);
    expect(await (await fetch(url)).text()).toBe("a layer");
    await advance("PT59M");
    expect((await fetch(url)).status).toBe(200);
    await advance("PT1M1S");
    const late = await fetch(url);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining("Request has expired")]);
  });

  test("that nothing has any more are gone within the hour", async () => {
    const files = () => {
      const all = readdirSync(join(dataDirectory, "registry/registries"), { recursive: true });
      return all.map(String).filter((path) => /[0-9a-f]{64}$/.test(path));
    };
    // Before: the sweep of the hour that the clock just passed may still go on.
    expect(files()).toHaveLength(2);
    await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    await advance("PT1H1M");
    await vi.waitFor(() => expect(files()).toEqual([]), { timeout: 60_000 });
  });
});

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function descriptor(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}
