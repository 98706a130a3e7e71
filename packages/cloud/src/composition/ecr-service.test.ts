import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const API = "AmazonEC2ContainerRegistry_V20150921";

describe("ECR's API in the embedded cloud", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "ecr-service-"));
  const signer = new AwsClient({
    accessKeyId: "test",
    secretAccessKey: "test",
    service: "ecr",
    region: "us-east-1",
    retries: 0,
  });
  let cloud: Cloud;

  beforeAll(async () => {
    const place = { dataDirectory, bundlesDirectory: dataDirectory, port: 0 };
    cloud = await startCloud({ ...smallStacks(), ...place, hubRegistry, registries: [hubRegistry] });
  });
  afterAll(async () => {
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function call(method: string, target: string, body?: string) {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const answer = await signer.fetch(cloud.url, { method, headers, ...(body !== undefined && { body }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  test("is reached by a POST to its own target and by no other", async () => {
    expect((await call("POST", `${API}.DescribeRegistry`, "{}")).status).toBe(200);
    for (const [method, target] of [
      ["POST", "DescribeRegistry"],
      ["POST", "DynamoDB_20120810.DescribeRegistry"],
      ["POST", `${API}.`],
      ["POST", `${API}.Describe.Registry`],
      ["POST", `Old.${API}.DescribeRegistry`],
      ["GET", `${API}.DescribeRegistry`],
    ] as const)
      expect([target, await call(method, target, method === "POST" ? "{}" : undefined)]).toMatchObject([
        target,
        { status: 404, body: { __type: "UnknownOperationException" } },
      ]);
  });

  test("takes a manifest whose every character was written as an escape", async () => {
    await call("POST", `${API}.CreateRepository`, '{"repositoryName":"team/app"}');
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] }).padEnd(4_194_304);
    const escaped = manifest.replaceAll(
      /./gs,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    const body = `{"repositoryName":"team/app","imageManifest":"${escaped}"}`;
    const put = await call("POST", `${API}.PutImage`, body);
    expect(put).toMatchObject({ status: 200, body: { image: { imageManifest: manifest } } });
  });
});
