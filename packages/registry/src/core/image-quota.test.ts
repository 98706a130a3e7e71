import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage, anIndex, type BuiltManifest } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const repositoryName = "team/app";
const [a, b, c] = [anImage(["a"]), anImage(["b"]), anImage(["c"])];
const FULL =
  "The repository with name 'team/app' in registry with id '111122223333' already has the maximum allowed number of " +
  "images which is '2'";
let server: RegistryServer;
let client: RegistryClient;

beforeEach(async () => {
  server = await startRegistryServer({ limits: { maxImagesPerRepository: 2, maxTagsPerImage: 2 } });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName });
  await client.push(repositoryName, a, "a");
  await client.push(repositoryName, b, "b");
});
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function put(image: BuiltManifest, imageTag?: string) {
  for (const blob of image.blobs) await client.pushBlob(repositoryName, blob);
  return client.api("PutImage", { repositoryName, imageManifest: image.bytes.toString(), imageTag });
}

describe("a repository that has as many images as it can", () => {
  test("refuses one more, over both protocols, and what is there stays", async () => {
    expect((await put(c, "c")).body).toEqual({ __type: "LimitExceededException", message: FULL });
    const { status, text } = await client.push(repositoryName, c, "a");
    expect([status, JSON.parse(text)]).toEqual([403, { errors: [{ code: "DENIED", message: FULL }] }]);
    const { body } = await client.api("ListImages", { repositoryName });
    expect(body["imageIds"]).toHaveLength(2);
    expect(body["imageIds"]).toContainEqual({ imageDigest: a.digest, imageTag: "a" });
  });

  test("counts an index besides its children, and what is archived", async () => {
    expect((await put(anIndex([a, b]))).body["__type"]).toBe("LimitExceededException");
    const archived = { repositoryName, imageId: { imageTag: "a" }, targetStorageClass: "ARCHIVE" };
    expect((await client.api("UpdateImageStorageClass", archived)).status).toBe(200);
    expect((await put(c)).body["__type"]).toBe("LimitExceededException");
    expect((await put(a, "a")).status).toBe(200);
  });

  test("takes other tags of its images, and moves them", async () => {
    expect((await put(a, "a2")).status).toBe(200);
    expect((await put(a, "b")).body).toEqual({
      __type: "LimitExceededException",
      message:
        "Adding tag 'b' to an image in the repository with name 'team/app' in registry with id '111122223333' exceeds " +
        "the maximum allowed number of tags per image which is '2'",
    });
    expect((await put(b, "a2")).status).toBe(200);
  });

  test("has room again for as many as were deleted, also after a restart", async () => {
    await client.api("BatchDeleteImage", { repositoryName, imageIds: [{ imageTag: "a" }] });
    await server.restart();
    expect((await put(c, "c")).status).toBe(200);
    expect((await put(a, "a")).body["__type"]).toBe("LimitExceededException");
    await client.api("DeleteRepository", { repositoryName, force: true });
    await client.api("CreateRepository", { repositoryName });
    for (const image of [a, b]) expect((await put(image)).status).toBe(200);
    expect((await put(c)).body["message"]).toBe(FULL);
  });

  test("takes no copies either: they fail as a whole, and their status says why", async () => {
    const west = clientOf(server, { region: "us-west-2" });
    await west.api("CreateRepository", { repositoryName });
    await west.push(repositoryName, c, "c");
    const rules = [{ destinations: [{ registryId: ADMIN.account, region: "us-west-2" }] }];
    await client.api("PutReplicationConfiguration", { replicationConfiguration: { rules } });
    await client.api("BatchDeleteImage", { repositoryName, imageIds: [{ imageTag: "b" }] });
    // Its child would have room there, the index itself would not.
    await client.push(repositoryName, anIndex([a]), "index");
    await server.registry.idle();
    const status = await client.api("DescribeImageReplicationStatus", {
      repositoryName,
      imageId: { imageTag: "index" },
    });
    expect(status.body["replicationStatuses"]).toMatchObject([
      { status: "FAILED", failureCode: "LimitExceeded" },
    ]);
    const { body } = await west.api("ListImages", { repositoryName });
    expect(body["imageIds"]).toEqual([{ imageDigest: c.digest, imageTag: "c" }]);
  });
});
