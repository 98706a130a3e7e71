import { randomBytes } from "node:crypto";
import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  ECRClient,
  EmptyUploadException,
  InitiateLayerUploadCommand,
  InvalidLayerException,
  InvalidLayerPartException,
  LayerAlreadyExistsException,
  LayerPartTooSmallException,
  LimitExceededException,
  PutImageCommand,
  RepositoryNotFoundException,
  UploadLayerPartCommand,
  UploadNotFoundException,
} from "@aws-sdk/client-ecr";
import { anImage, sha256 } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const MiB = 1024 * 1024;
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
afterEach(() => {
  server.registry.setSwitches({ maxLayerPart: "20MiB", layerPartSize: "10MiB" });
});
afterAll(async () => {
  ecr.destroy();
  expect(server.errors).toEqual([]);
  await server.close();
});

async function initiate(): Promise<string> {
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  return String(uploadId);
}

function part(uploadId: string, first: number, bytes: Uint8Array) {
  const range = { partFirstByte: first, partLastByte: first + bytes.byteLength - 1 };
  return ecr.send(new UploadLayerPartCommand({ repositoryName, uploadId, ...range, layerPartBlob: bytes }));
}

function complete(uploadId: string, ...layerDigests: string[]) {
  return ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests }));
}

/** As AWS's own clients upload: in parts of the size that they were told. */
async function upload(bytes: Uint8Array): Promise<void> {
  const { uploadId, partSize } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  for (let first = 0; first < bytes.byteLength; first += Number(partSize)) {
    await part(String(uploadId), first, bytes.subarray(first, first + Number(partSize)));
  }
  await complete(String(uploadId), sha256(bytes));
}

async function pushOverApi(layers: readonly Buffer[], imageTag: string) {
  const image = anImage(layers);
  for (const blob of image.blobs) {
    await upload(blob).catch((error: unknown) => {
      if (!(error instanceof LayerAlreadyExistsException)) throw error;
    });
  }
  await ecr.send(new PutImageCommand({ repositoryName, imageManifest: image.bytes.toString(), imageTag }));
  return image;
}

describe("an upload in parts", () => {
  test("of 25 MiB is a layer that pulls on /v2, and an image that PutImage accepts", async () => {
    const layer = randomBytes(25 * MiB);
    const image = await pushOverApi([layer], "over-api");
    const client = clientOf(server);
    const blob = await client.v2({ method: "GET", path: `/v2/${repositoryName}/blobs/${sha256(layer)}` });
    expect(blob.body.equals(layer)).toBe(true);
    const manifest = await client.v2({ method: "GET", path: `/v2/${repositoryName}/manifests/over-api` });
    expect(manifest.headers["docker-content-digest"]).toBe(image.digest);
  });

  test("tells the part size that it wants, and after each part the last byte", async () => {
    const started = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    expect(started).toMatchObject({ uploadId: expect.stringMatching(/^[0-9a-f-]{36}$/), partSize: 10 * MiB });
    server.registry.setSwitches({ layerPartSize: "20MiB" });
    const other = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    expect(other.partSize).toBe(20 * MiB);
    const sent = await part(String(started.uploadId), 0, Buffer.alloc(100));
    expect(sent).toMatchObject({
      registryId: "111122223333",
      repositoryName,
      uploadId: started.uploadId,
      lastByteReceived: 99,
    });
  });

  test("answers its completion with what it became", async () => {
    const uploadId = await initiate();
    const bytes = randomBytes(10);
    await part(uploadId, 0, bytes);
    expect(await complete(uploadId, sha256(bytes))).toMatchObject({
      registryId: "111122223333",
      repositoryName,
      uploadId,
      layerDigest: sha256(bytes),
    });
  });

  test.each([
    ["that leaves a gap", 1, 4],
    ["that repeats what is there", -4, -1],
    ["that overlaps", -1, 2],
    ["that is shorter than its range", 0, 20],
    ["that is longer than its range", 0, 0],
  ])("refuses a part %s, says where it is, and goes on there", async (_, first, last) => {
    const uploadId = await initiate();
    const start = 5 * MiB;
    const bytes = randomBytes(start + 4);
    await part(uploadId, 0, bytes.subarray(0, start));
    const layerPartBlob = bytes.subarray(start);
    const range = { partFirstByte: start + first, partLastByte: start + last };
    const wrong = new UploadLayerPartCommand({ repositoryName, uploadId, ...range, layerPartBlob });
    const refused: unknown = await ecr.send(wrong).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidLayerPartException);
    expect(refused).toMatchObject({
      registryId: "111122223333",
      repositoryName,
      uploadId,
      lastValidByteReceived: start - 1,
    });
    await part(uploadId, start, layerPartBlob);
    await complete(uploadId, sha256(bytes));
  });

  test("refuses its first part anywhere but at the beginning, with no last byte to tell", async () => {
    const refused: unknown = await part(await initiate(), 5, Buffer.from("x")).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(InvalidLayerPartException);
    expect((refused as InvalidLayerPartException).lastValidByteReceived).toBeUndefined();
  });

  test("of which two parts come at once takes one of them", async () => {
    const uploadId = await initiate();
    const bytes = randomBytes(6 * MiB);
    const outcomes = await Promise.allSettled([part(uploadId, 0, bytes), part(uploadId, 0, bytes)]);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused.map(({ reason }) => reason.name)).toEqual(["InvalidLayerPartException"]);
    await complete(uploadId, sha256(bytes));
  });

  test("takes parts of up to 20 MiB, or 10 MiB by the quota", async () => {
    const bytes = Buffer.alloc(20 * MiB + 1);
    const uploadId = await initiate();
    await expect(part(uploadId, 0, bytes)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining("'layerPartBlob'"),
    });
    await part(uploadId, 0, bytes.subarray(0, 20 * MiB));
    server.registry.setSwitches({ maxLayerPart: "10MiB" });
    const other = await initiate();
    await expect(part(other, 0, bytes.subarray(0, 10 * MiB + 1))).rejects.toThrow("10485760");
    await part(other, 0, bytes.subarray(0, 10 * MiB));
  });

  test("refuses bytes that are not base64", async () => {
    const answer = await clientOf(server).api("UploadLayerPart", {
      repositoryName,
      uploadId: await initiate(),
      partFirstByte: 0,
      partLastByte: 2,
      layerPartBlob: "a_-=",
    });
    expect([answer.status, answer.body["__type"]]).toEqual([400, "SerializationException"]);
  });
});

describe("the end of an upload in parts", () => {
  test("without any part is an EmptyUpload", async () => {
    const empty = complete(await initiate(), sha256(Buffer.alloc(0)));
    await expect(empty).rejects.toBeInstanceOf(EmptyUploadException);
  });

  test("with a part below 5 MiB that is not the last is a LayerPartTooSmall", async () => {
    const bytes = randomBytes(10 * MiB - 1);
    const uploadId = await initiate();
    await part(uploadId, 0, bytes.subarray(0, 5 * MiB - 1));
    await part(uploadId, 5 * MiB - 1, bytes.subarray(5 * MiB - 1));
    await expect(complete(uploadId, sha256(bytes))).rejects.toBeInstanceOf(LayerPartTooSmallException);
    const exact = await initiate();
    await part(exact, 0, bytes.subarray(0, 5 * MiB));
    await part(exact, 5 * MiB, bytes.subarray(5 * MiB));
    await complete(exact, sha256(bytes));
  });

  test("with another digest is an InvalidLayer, and the layer is not there", async () => {
    const bytes = randomBytes(10);
    const uploadId = await initiate();
    await part(uploadId, 0, bytes);
    const wrong = complete(uploadId, sha256(bytes), sha256(Buffer.from("other")));
    await expect(wrong).rejects.toBeInstanceOf(InvalidLayerException);
    const input = { repositoryName, layerDigests: [sha256(bytes)] };
    const { layers } = await ecr.send(new BatchCheckLayerAvailabilityCommand(input));
    expect(layers).toEqual([{ layerDigest: sha256(bytes), layerAvailability: "UNAVAILABLE" }]);
  });

  test("of a layer that the repository has is a LayerAlreadyExists, in another repository it is not", async () => {
    const bytes = randomBytes(10);
    await upload(bytes);
    await expect(upload(bytes)).rejects.toBeInstanceOf(LayerAlreadyExistsException);
    const pushed = await clientOf(server).pushBlob("other", bytes);
    expect(pushed.status).toBe(201);
  });

  test("ends it: another end, and another part, find no upload", async () => {
    const bytes = randomBytes(10);
    const uploadId = await initiate();
    await part(uploadId, 0, bytes);
    await complete(uploadId, sha256(bytes));
    await expect(complete(uploadId, sha256(bytes))).rejects.toBeInstanceOf(UploadNotFoundException);
    await expect(part(uploadId, 10, bytes)).rejects.toBeInstanceOf(UploadNotFoundException);
  });

  test("is not found in another repository, nor a repository that is not there", async () => {
    const uploadId = await initiate();
    const layerDigests = [sha256(Buffer.from("x"))];
    const elsewhere = new CompleteLayerUploadCommand({ repositoryName: "other", uploadId, layerDigests });
    await expect(ecr.send(elsewhere)).rejects.toBeInstanceOf(UploadNotFoundException);
    const nowhere = new InitiateLayerUploadCommand({ repositoryName: "no/such" });
    await expect(ecr.send(nowhere)).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });

  test("has room for a bounded number of open uploads, and of bytes", async () => {
    const small = await startRegistryServer({ limits: { maxOpenUploads: 2, maxLayerBytes: 5 } });
    const credentials = { accessKeyId: "111122223333", secretAccessKey: "test" };
    const config = { endpoint: small.url, region: "us-east-1", credentials, maxAttempts: 1 };
    const narrow = new ECRClient(config);
    await narrow.send(new CreateRepositoryCommand({ repositoryName }));
    const starts = Array.from({ length: 3 }, () =>
      narrow.send(new InitiateLayerUploadCommand({ repositoryName })),
    );
    const outcomes = await Promise.allSettled(starts);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused.map(({ reason }) => reason instanceof LimitExceededException)).toEqual([true]);
    const started = outcomes.find((outcome) => outcome.status === "fulfilled");
    const range = { partFirstByte: 0, partLastByte: 5, layerPartBlob: Buffer.alloc(6) };
    const uploadId = started?.value.uploadId;
    const large = narrow.send(new UploadLayerPartCommand({ repositoryName, uploadId, ...range }));
    await expect(large).rejects.toBeInstanceOf(LimitExceededException);
    narrow.destroy();
    await small.close();
  });
});
