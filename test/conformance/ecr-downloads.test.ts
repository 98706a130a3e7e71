import { randomBytes } from "node:crypto";
import {
  BatchCheckLayerAvailabilityCommand,
  CreateRepositoryCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  LayerInaccessibleException,
  LayersNotFoundException,
  RepositoryNotFoundException,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { anImage, type BuiltManifest, sha256 } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const HOUR = 60 * 60 * 1000;
const repositoryName = "team/app";
let server: RegistryServer;
let ecr: ECRClient;

beforeAll(async () => {
  server = await startRegistryServer();
  const credentials = { accessKeyId: "111122223333", secretAccessKey: "test" };
  ecr = new ECRClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
  for (const name of [repositoryName, "other"]) {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: name }));
  }
});
afterAll(async () => {
  ecr.destroy();
  expect(server.errors).toEqual([]);
  await server.close();
});

async function push(image: BuiltManifest, tag: string): Promise<void> {
  expect((await clientOf(server).push(repositoryName, image, tag)).status).toBe(201);
}

async function urlOf(bytes: Uint8Array): Promise<URL> {
  const input = { repositoryName, layerDigest: sha256(bytes) };
  const { downloadUrl } = await ecr.send(new GetDownloadUrlForLayerCommand(input));
  const url = new URL(String(downloadUrl));
  url.host = new URL(server.url).host; // Not every machine resolves names below .localhost.
  return url;
}

/** Refused as S3 refuses: status and code. */
async function refusalOf(url: URL, init?: RequestInit): Promise<readonly [number, string | undefined]> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  expect(answer.headers.get("content-type")).toBe("application/xml");
  return [answer.status, /<Code>(\w+)<\/Code>/.exec(text)?.[1]];
}

describe("the availability of layers", () => {
  test("is told of each, with its size and what its image calls it", async () => {
    const layer = randomBytes(20);
    const image = anImage([layer]);
    await push(image, "available");
    const alone = randomBytes(7);
    await clientOf(server).pushBlob(repositoryName, alone);
    const absent = sha256(randomBytes(1));
    const layerDigests = [...image.blobs.map(sha256), sha256(alone), absent, "", "no digest"];
    const input = { repositoryName, layerDigests };
    const { layers, failures } = await ecr.send(new BatchCheckLayerAvailabilityCommand(input));
    expect(layers).toEqual([
      {
        layerDigest: layerDigests[0],
        layerAvailability: "AVAILABLE",
        layerSize: image.blobs[0]?.byteLength,
        mediaType: "application/vnd.oci.image.config.v1+json",
      },
      {
        layerDigest: sha256(layer),
        layerAvailability: "AVAILABLE",
        layerSize: 20,
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      },
      { layerDigest: sha256(alone), layerAvailability: "AVAILABLE", layerSize: 7 },
      { layerDigest: absent, layerAvailability: "UNAVAILABLE" },
    ]);
    expect(failures?.map(({ layerDigest, failureCode }) => [layerDigest, failureCode])).toEqual([
      ["", "MissingLayerDigest"],
      ["no digest", "InvalidLayerDigest"],
    ]);
  });

  test("is ARCHIVED with all its images, and so it cannot be downloaded or pulled until one is active", async () => {
    const [shared, own] = [randomBytes(11), randomBytes(12)];
    await push(anImage([shared, own]), "archived");
    await push(anImage([shared]), "active");
    const available = async () => {
      const layerDigests = [sha256(shared), sha256(own)];
      const input = { repositoryName, layerDigests };
      const { layers } = await ecr.send(new BatchCheckLayerAvailabilityCommand(input));
      return layers?.map((layer) => layer.layerAvailability);
    };
    const before = server.clock.now;
    server.clock.now = new Date(before.getTime() + HOUR);
    const imageId = { imageTag: "archived" };
    const archive = { repositoryName, imageId, targetStorageClass: "ARCHIVE" as const };
    const url = await urlOf(own);
    await ecr.send(new UpdateImageStorageClassCommand(archive));
    expect(await available()).toEqual(["AVAILABLE", "ARCHIVED"]);
    await expect(urlOf(own)).rejects.toBeInstanceOf(LayerInaccessibleException);
    expect(await refusalOf(url)).toEqual([404, "NoSuchKey"]);
    const path = `/v2/${repositoryName}/blobs/${sha256(own)}`;
    expect((await clientOf(server).v2({ method: "GET", path })).status).toBe(404);
    expect((await fetch(await urlOf(shared))).status).toBe(200);
    server.clock.now = new Date(before.getTime() + 2 * HOUR);
    expect((await clientOf(server).pushBlob(repositoryName, own)).status).toBe(201);
    expect(await available()).toEqual(["AVAILABLE", "AVAILABLE"]);
    server.clock.now = before;
  });
});

describe("the download URL of a layer", () => {
  const layer = randomBytes(1000);
  beforeAll(async () => {
    await push(anImage([layer]), "downloads");
  });

  test("reads it without credentials, whole or in part", async () => {
    const url = await urlOf(layer);
    const whole = await fetch(url);
    expect(Buffer.from(await whole.arrayBuffer()).equals(layer)).toBe(true);
    expect(whole.headers.get("content-type")).toBe("application/octet-stream");
    const range = await fetch(url, { headers: { Range: "bytes=100-199" } });
    expect([range.status, range.headers.get("content-range")]).toEqual([206, "bytes 100-199/1000"]);
    expect(Buffer.from(await range.arrayBuffer()).equals(layer.subarray(100, 200))).toBe(true);
    const head = await fetch(url, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe("1000");
    expect(await refusalOf(url, { headers: { Range: "bytes=1000-" } })).toEqual([416, "InvalidRange"]);
  });

  test("expires an hour after it was made, on the registry's clock", async () => {
    const url = await urlOf(layer);
    expect(url.searchParams.get("X-Amz-Expires")).toBe("3600");
    const before = server.clock.now;
    server.clock.now = new Date(before.getTime() + HOUR - 1000);
    expect((await fetch(url)).status).toBe(200);
    server.clock.now = new Date(before.getTime() + HOUR);
    const late = await fetch(url);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain(
      "<Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>3600</X-Amz-Expires>" +
        `<Expires>${server.clock.now.toISOString()}</Expires>`,
    );
    server.clock.now = new Date(before.getTime() - HOUR);
    expect(await refusalOf(url)).toEqual([403, "AccessDenied"]);
    server.clock.now = before;
  });

  test("is good for nothing but that layer of that repository of that registry", async () => {
    const url = await urlOf(layer);
    await clientOf(server).pushBlob("other", layer);
    const other = sha256(Buffer.from("x"));
    const changed = [
      ["X-Amz-Expires=3600", "X-Amz-Expires=360000"],
      [/X-Amz-Date=\w+/, "X-Amz-Date=20261121T235959Z"],
      [/X-Amz-Signature=\w+/, `X-Amz-Signature=${"0".repeat(64)}`],
      [sha256(layer), other],
      ["team/app", "other"],
      ["us-east-1", "us-west-2"],
      ["111122223333", "444455556666"],
    ] as const;
    for (const [part, replacement] of changed) {
      const href = url.href.replace(part, replacement);
      expect(href).not.toBe(url.href);
      expect(await refusalOf(new URL(href))).toEqual([403, "SignatureDoesNotMatch"]);
    }
    const bare = new URL(url);
    bare.search = "";
    expect(await refusalOf(bare)).toEqual([403, "AccessDenied"]);
  });

  test("takes no other credentials along, and reads only", async () => {
    const url = await urlOf(layer);
    const headers = { Authorization: "Basic QVdTOng=" };
    expect(await refusalOf(url, { headers })).toEqual([400, "InvalidArgument"]);
    expect(await refusalOf(url, { method: "PUT", body: "x" })).toEqual([405, "MethodNotAllowed"]);
  });

  test("outlives a restart, as the layer does", async () => {
    const url = await urlOf(layer);
    await server.restart();
    const whole = await fetch(url);
    expect(Buffer.from(await whole.arrayBuffer()).equals(layer)).toBe(true);
  });

  test("is refused for a layer that is not there, or that no image has", async () => {
    await expect(urlOf(randomBytes(3))).rejects.toBeInstanceOf(LayersNotFoundException);
    const alone = randomBytes(9);
    await clientOf(server).pushBlob(repositoryName, alone);
    await expect(urlOf(alone)).rejects.toBeInstanceOf(LayerInaccessibleException);
    const input = { repositoryName: "no/such", layerDigest: sha256(alone) };
    const nowhere = ecr.send(new GetDownloadUrlForLayerCommand(input));
    await expect(nowhere).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });
});
