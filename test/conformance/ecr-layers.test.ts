import { randomBytes } from "node:crypto";
import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  ECRClient,
  EmptyUploadException,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  InvalidLayerException,
  InvalidLayerPartException,
  LayerAlreadyExistsException,
  LayerInaccessibleException,
  LayerPartTooSmallException,
  LayersNotFoundException,
  LimitExceededException,
  PutImageCommand,
  RepositoryNotFoundException,
  UpdateImageStorageClassCommand,
  UploadLayerPartCommand,
  UploadNotFoundException,
} from "@aws-sdk/client-ecr";
import { anImage, sha256 } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const MiB = 1024 * 1024;
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

describe("the availability of layers", () => {
  test("is told of each, with its size and what its image calls it", async () => {
    const layer = randomBytes(20);
    const image = await pushOverApi([layer], "available");
    const alone = randomBytes(7);
    await upload(alone);
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
    await pushOverApi([shared, own], "archived");
    await pushOverApi([shared], "active");
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
    await pushOverApi([layer], "downloads");
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
    await upload(alone);
    await expect(urlOf(alone)).rejects.toBeInstanceOf(LayerInaccessibleException);
    const input = { repositoryName: "no/such", layerDigest: sha256(alone) };
    const nowhere = ecr.send(new GetDownloadUrlForLayerCommand(input));
    await expect(nowhere).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });
});
