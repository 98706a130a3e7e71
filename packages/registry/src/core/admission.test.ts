import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import type { Fault } from "./admission.ts";

const repositoryName = "team/app";
const image = anImage();
const blob = image.blobs[0] ?? Buffer.alloc(0);
const digest = `sha256:${"a".repeat(64)}`;
const at = (path: string) => `/v2/${repositoryName}/${path}`;
let server: RegistryServer;
let client: RegistryClient;
let faults: Record<string, Fault>;

beforeEach(async () => {
  faults = {};
  server = await startRegistryServer({ fault: (operation) => faults[operation] });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName });
  await client.push(repositoryName, image, "1");
});
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

describe("a call that was asked to fail", () => {
  const throttled: Fault = { status: 400, code: "ThrottlingException", retryAfter: 2 };

  test("is refused before it does anything, in ECR's words where that is throttling", async () => {
    faults = { PutImage: throttled, ListImages: { status: 503, code: "ServiceUnavailable" } };
    const input = { repositoryName, imageManifest: image.bytes.toString(), imageTag: "2" };
    expect(await client.api("PutImage", input)).toEqual({
      status: 400,
      body: { __type: "ThrottlingException", message: "Rate exceeded" },
    });
    expect(await client.api("ListImages", { repositoryName })).toMatchObject({
      status: 503,
      body: { __type: "ServiceUnavailable" },
    });
    faults = {};
    const { body } = await client.api("ListImages", { repositoryName });
    expect(body["imageIds"]).toEqual([{ imageDigest: image.digest, imageTag: "1" }]);
  });

  test.each([
    ["GET", at("manifests/1"), "BatchGetImage"],
    ["HEAD", at("manifests/1"), "BatchGetImage"],
    ["PUT", at("manifests/2"), "PutImage"],
    ["DELETE", at("manifests/1"), "BatchDeleteImage"],
    ["GET", at(`blobs/${digest}`), "GetDownloadUrlForLayer"],
    ["HEAD", at(`blobs/${digest}`), "BatchCheckLayerAvailability"],
    ["POST", at("blobs/uploads/"), "InitiateLayerUpload"],
    ["PATCH", at("blobs/uploads/1"), "UploadLayerPart"],
    ["PUT", at(`blobs/uploads/1?digest=${digest}`), "CompleteLayerUpload"],
    ["PUT", at(`blobs/uploads/1?digest=${digest}`), "UploadLayerPart"],
    ["GET", at("tags/list"), "ListImages"],
    ["GET", at(`referrers/${digest}`), "ListImageReferrers"],
    ["GET", "/v2/_catalog", "DescribeRepositories"],
  ])("under /v2 is %s %s for %s", async (method, path, operation) => {
    faults = { [operation]: throttled };
    const body = method === "PUT" || method === "PATCH" ? blob : undefined;
    const answer = await client.v2({ method, path, ...(body && { body }) });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "2"]);
    if (method === "HEAD") return;
    const errors = [{ code: "TOOMANYREQUESTS", message: "Rate exceeded" }];
    expect(JSON.parse(answer.text)).toEqual({ errors });
  });

  test("under /v2 has the status and code that were asked for, if it is no throttling", async () => {
    faults = { BatchGetImage: { status: 500, code: "ServerException" } };
    const { status, text } = await client.v2({ method: "GET", path: at("manifests/1") });
    expect([status, JSON.parse(text)]).toMatchObject([500, { errors: [{ code: "ServerException" }] }]);
    expect((await client.v2({ method: "GET", path: "/v2/" })).status).toBe(200);
  });
});

describe("calls that come faster than ECR's quotas", () => {
  const pull = () => client.v2({ method: "GET", path: at("manifests/1") });

  test("are all answered unless that is chosen", async () => {
    for (let count = 0; count < 30; count++)
      expect((await client.push(repositoryName, image, `${count}`)).status).toBe(201);
  });

  test("are throttled, whichever way they come in, until time has passed", async () => {
    server.registry.setSwitches({ requestRates: "quotas" });
    const put = async (tag: number) =>
      (
        await client.v2({
          method: "PUT",
          path: at(`manifests/${tag}`),
          body: image.bytes,
          headers: { "Content-Type": image.mediaType },
        })
      ).status;
    const statuses = [];
    for (let tag = 0; tag < 12; tag++) statuses.push(await put(tag));
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429, 429]);
    const input = { repositoryName, imageManifest: image.bytes.toString(), imageTag: "12" };
    expect((await client.api("PutImage", input)).body).toEqual({
      __type: "ThrottlingException",
      message: "Rate exceeded",
    });
    expect((await pull()).status).toBe(200);
    server.clock.now = new Date(server.clock.now.getTime() + 200);
    expect([await put(13), await put(14), await put(15)]).toEqual([201, 201, 429]);
  });
});
