import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UpdateImageStorageClassCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const repositoryName = "team/app";
const MINUTE = 60_000;

describe("a restore from the archive, in the embedded cloud", () => {
  let dataDirectory: string;
  let cloud: Cloud;
  let ecr: ECRClient;

  beforeEach(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), "restores-"));
    await start();
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await push();
    await move("ARCHIVE");
    await heard();
  });
  afterEach(async () => {
    await stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function start() {
    const stacks = smallStacks();
    for (const { resources } of [stacks.hub, stacks.member])
      for (const rule of Object.values(resources["aws:cloudwatch/eventRule:EventRule"] ?? {}))
        rule["eventPattern"] = { source: ["aws.ecr"], "detail-type": ["ECR Image Action"] };
    const place = { dataDirectory, bundlesDirectory: dataDirectory, port: 0 };
    const registry = { limits: { restoreDuration: 20 * MINUTE } };
    cloud = await startCloud({ ...stacks, ...place, registry, hubRegistry, registries: [hubRegistry] });
    ecr = new ECRClient(client());
  }
  async function stop() {
    ecr.destroy();
    await cloud.stop();
  }
  function client() {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    return { endpoint: cloud.url, region: "us-east-1", maxAttempts: 1, credentials };
  }
  async function push() {
    const bytes = Buffer.from("{}");
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    const part = { partFirstByte: 0, partLastByte: 1, layerPartBlob: bytes };
    await ecr.send(new UploadLayerPartCommand({ repositoryName, uploadId, ...part }));
    await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 2 };
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] });
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: "1.0" }));
  }
  const move = (targetStorageClass: "ARCHIVE" | "STANDARD") =>
    ecr.send(
      new UpdateImageStorageClassCommand({
        repositoryName,
        imageId: { imageTag: "1.0" },
        targetStorageClass,
      }),
    );
  async function status() {
    const filter = { imageStatus: "ANY" } as const;
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName, filter }));
    return imageDetails?.[0]?.imageStatus;
  }
  async function advance(by: string) {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ advance: by });
    await fetch(`${cloud.url}/_embedded/clock`, { method: "POST", headers, body });
  }
  /** Where the images went that were heard of since the last look. */
  async function heard(): Promise<unknown[]> {
    const sqs = new SQSClient(client());
    const QueueUrl = `${cloud.url}/111122223333/Work`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    sqs.destroy();
    return Messages.map(({ Body }) => JSON.parse(String(Body)).detail["target-storage-class"]);
  }

  test("ends, and is heard of, when the clock says so, without anybody asking the registry", async () => {
    expect((await move("STANDARD")).imageStatus).toBe("ACTIVATING");
    await advance("PT19M");
    expect(await heard()).toEqual([]);
    expect(await status()).toBe("ACTIVATING");
    await advance("PT2M");
    expect(await heard()).toEqual(["STANDARD"]);
    expect(await status()).toBe("ACTIVE");
  });

  test("goes on after a restart", async () => {
    await move("STANDARD");
    await stop();
    await start();
    expect(await status()).toBe("ACTIVATING");
    await advance("PT21M");
    expect(await heard()).toEqual(["STANDARD"]);
  });

  test("ends all the same when the clock is set back", async () => {
    await advance("P1D");
    await move("STANDARD");
    await advance("PT10M");
    await advance("-PT5M");
    await advance("PT12M");
    expect(await heard()).toEqual([]);
    await advance("PT5M");
    expect(await heard()).toEqual(["STANDARD"]);
  });
});
