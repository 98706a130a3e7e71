import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAXIMUM_PARTS } from "../core/upload-part.ts";
import { anImage, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const repositoryName = "team/app";
let server: RegistryServer;
let client: RegistryClient;
let denied = "";

beforeAll(async () => {
  server = await startRegistryServer({
    authorize: ({ action }) =>
      action === denied
        ? { allowed: false, explicitDeny: false, message: `no ${action}` }
        : { allowed: true },
  });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function initiate(): Promise<string> {
  return String((await client.api("InitiateLayerUpload", { repositoryName })).body["uploadId"]);
}

function part(uploadId: string, first: number, bytes: Uint8Array) {
  const range = { partFirstByte: first, partLastByte: first + bytes.byteLength - 1 };
  const layerPartBlob = Buffer.from(bytes).toString("base64");
  return client.api("UploadLayerPart", { repositoryName, uploadId, ...range, layerPartBlob });
}

test("a layer has room for 4,200 parts", async () => {
  const uploadId = await initiate();
  for (let n = 0; n < MAXIMUM_PARTS; n++) {
    expect((await part(uploadId, n, Buffer.from("x"))).body).toMatchObject({ lastByteReceived: n });
  }
  const refused = await part(uploadId, MAXIMUM_PARTS, Buffer.from("x"));
  expect([refused.status, refused.body["__type"]]).toEqual([400, "LimitExceededException"]);
});

test("an upload can begin on one protocol and go on over the other", async () => {
  const bytes = randomBytes(300);
  const overApi = await initiate();
  await part(overApi, 0, bytes.subarray(0, 100));
  const path = `/v2/${repositoryName}/blobs/uploads/${overApi}`;
  const patched = await client.v2({ method: "PATCH", path, body: bytes.subarray(100, 200) });
  expect([patched.status, patched.headers.range]).toEqual([202, "0-199"]);
  expect((await part(overApi, 200, bytes.subarray(200))).body).toMatchObject({ lastByteReceived: 299 });
  const done = await client.v2({ method: "PUT", path: `${path}?digest=${sha256(bytes)}` });
  expect(done.status).toBe(201);
});

test("a repository that is gone takes its uploads with it", async () => {
  await client.api("CreateRepository", { repositoryName: "short" });
  const started = await client.api("InitiateLayerUpload", { repositoryName: "short" });
  await client.api("DeleteRepository", { repositoryName: "short" });
  const input = {
    repositoryName: "short",
    uploadId: started.body["uploadId"],
    layerDigests: [sha256(Buffer.from("x"))],
  };
  const late = await client.api("CompleteLayerUpload", input);
  expect(late.body["__type"]).toBe("RepositoryNotFoundException");
});

test.each([
  ["InitiateLayerUpload", {}],
  ["UploadLayerPart", { partFirstByte: 0, partLastByte: 0, layerPartBlob: "eA==" }],
  ["CompleteLayerUpload", { layerDigests: [sha256(Buffer.from("x"))] }],
  ["GetDownloadUrlForLayer", { layerDigest: sha256(Buffer.from("layer")) }],
  ["BatchCheckLayerAvailability", { layerDigests: [sha256(Buffer.from("layer"))] }],
])("%s needs its permission", async (operation, more) => {
  await client.push(repositoryName, anImage(), "1.0");
  const uploadId = await initiate();
  if (operation === "CompleteLayerUpload") await part(uploadId, 0, Buffer.from("x"));
  const input = { repositoryName, uploadId, ...more };
  denied = `ecr:${operation}`;
  const refused = await client.api(operation, input);
  denied = "";
  expect([refused.status, refused.body["__type"]]).toEqual([400, "AccessDeniedException"]);
  expect((await client.api(operation, input)).status).toBe(200);
});

test.each([
  ["1h", "3600"],
  ["15m", "900"],
])("with downloadUrlLife %s a layer's URL is good for %s s, over either protocol", async (life, seconds) => {
  await client.push(repositoryName, anImage(["layer"]), "1.0");
  server.registry.setSwitches({ downloadUrlLife: life, strictEcr: true });
  const layerDigest = sha256(Buffer.from("layer"));
  const { body } = await client.api("GetDownloadUrlForLayer", { repositoryName, layerDigest });
  const path = `/v2/${repositoryName}/blobs/${layerDigest}`;
  const { headers } = await client.v2({ method: "GET", path });
  for (const url of [body["downloadUrl"], headers.location])
    expect(new URL(String(url)).searchParams.get("X-Amz-Expires")).toBe(seconds);
});
