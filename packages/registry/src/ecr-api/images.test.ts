import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../core/core.ts";
import { anImage, anIndex, type BuiltManifest, OCI_INDEX, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;
let client: RegistryClient;
const repositoryName = "team/app";
const [a, b] = [anImage(["a"]), anImage(["bb"])];

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});
beforeEach(async () => {
  await server.registry.reset();
  await client.api("CreateRepository", { repositoryName });
  await client.push(repositoryName, a, "one");
  server.events.length = 0;
});

function pass(milliseconds: number): void {
  server.clock.now = new Date(server.clock.now.getTime() + milliseconds);
}
function put(image: BuiltManifest, more: object = {}) {
  return client.api("PutImage", { repositoryName, imageManifest: image.bytes.toString(), ...more });
}
function remove(...imageIds: object[]) {
  return client.api("BatchDeleteImage", { repositoryName, imageIds });
}
async function ids(filter?: object) {
  return (await client.api("ListImages", { repositoryName, filter })).body["imageIds"];
}
const deletions = () =>
  server.events.map(({ detail }) => [detail["action-type"], detail["image-digest"], detail["image-tag"]]);

describe("PutImage", () => {
  test("sets a second tag on what is there: one more PUSH, the same pushed-at", async () => {
    const before = server.clock.now;
    server.clock.now = new Date(before.getTime() + 60_000);
    const { status, body } = await put(a, { imageTag: "two" });
    server.clock.now = before;
    expect(status).toBe(200);
    expect(body["image"]).toMatchObject({
      registryId: "111122223333",
      repositoryName,
      imageId: { imageDigest: a.digest, imageTag: "two" },
      imageManifest: a.bytes.toString(),
    });
    const { body: described } = await client.api("DescribeImages", { repositoryName });
    expect(described["imageDetails"]?.["0"]).toMatchObject({
      imageTags: ["one", "two"],
      imagePushedAt: before.getTime() / 1000,
    });
    expect(server.events.map((event) => event.detail["image-tag"])).toEqual(["two"]);
  });

  test.each([
    ["the same image and tag", {}, "ImageAlreadyExistsException", "and tag 'one' already exists"],
    ["the same image without a tag", { imageTag: undefined }, "ImageAlreadyExistsException", "tag 'null'"],
    [
      "another digest than it has",
      { imageDigest: `sha256:${"0".repeat(64)}` },
      "ImageDigestDoesNotMatchException",
      a.digest,
    ],
    [
      "a media type that is not its own",
      { imageManifestMediaType: OCI_INDEX },
      "InvalidParameterException",
      "imageManifestMediaType",
    ],
    ["a tag beyond the grammar", { imageTag: "a b" }, "InvalidParameterException", "'imageTag'"],
    ["half a character", { imageManifest: "\ud800" }, "InvalidParameterException", "'imageManifest'"],
  ])("refuses %s", async (_, more, code, text) => {
    const { status, body } = await put(a, { imageTag: "one", ...more });
    expect([status, body["__type"]]).toEqual([400, code]);
    expect(body["message"]).toContain(text);
    expect(server.events).toEqual([]);
  });

  test("refuses an image without its layers, and an index without its children", async () => {
    const image = await put(anImage(["never pushed"]));
    expect(image.body["__type"]).toBe("LayersNotFoundException");
    expect(image.body["message"]).toContain(sha256(Buffer.from("never pushed")));
    const index = await put(anIndex([b]));
    expect(index.body["__type"]).toBe("ReferencedImagesNotFoundException");
    expect(index.body["message"]).toContain(b.digest);
  });

  test("has room for a bounded number of tags", async () => {
    const small = await startRegistryServer({ limits: { maxTagsPerImage: 2 } });
    const other = clientOf(small);
    await other.api("CreateRepository", { repositoryName });
    for (const tag of ["1", "2"]) await other.push(repositoryName, a, tag);
    const { body } = await other.api("PutImage", {
      repositoryName,
      imageManifest: a.bytes.toString(),
      imageTag: "3",
    });
    await small.close();
    expect(body["__type"]).toBe("LimitExceededException");
  });
});

describe("BatchDeleteImage", () => {
  test("by tag takes the tag while others remain, and the image with the last", async () => {
    await put(a, { imageTag: "two" });
    server.events.length = 0;
    expect((await remove({ imageTag: "one" })).body["imageIds"]).toEqual([
      { imageDigest: a.digest, imageTag: "one" },
    ]);
    expect(await ids()).toEqual([{ imageDigest: a.digest, imageTag: "two" }]);
    await remove({ imageTag: "two" });
    expect(await ids()).toEqual([]);
    expect(deletions()).toEqual([
      ["DELETE", a.digest, "one"],
      ["DELETE", a.digest, "two"],
    ]);
  });

  test("by digest takes the image with all its tags", async () => {
    await put(a, { imageTag: "two" });
    const { body } = await remove({ imageDigest: a.digest });
    expect(body["imageIds"]).toEqual([
      { imageDigest: a.digest, imageTag: "one" },
      { imageDigest: a.digest, imageTag: "two" },
    ]);
    expect(await ids()).toEqual([]);
  });

  test("of an untagged image answers with its digest", async () => {
    await client.push(repositoryName, b);
    server.events.length = 0;
    expect((await remove({ imageDigest: b.digest })).body["imageIds"]).toEqual([{ imageDigest: b.digest }]);
    expect(deletions()).toEqual([["DELETE", b.digest, undefined]]);
  });

  test.each([
    ["nothing", {}, "MissingDigestAndTag"],
    ["a malformed digest", { imageDigest: "nonsense" }, "InvalidImageDigest"],
    ["an unknown tag", { imageTag: "absent" }, "ImageNotFound"],
    ["an unknown digest", { imageDigest: `sha256:${"0".repeat(64)}` }, "ImageNotFound"],
    ["a tag and another digest", { imageTag: "one", imageDigest: b.digest }, "ImageTagDoesNotMatchDigest"],
  ])("fails one by one: %s", async (_, id, failureCode) => {
    const { status, body } = await remove(id);
    expect([status, body["imageIds"]]).toEqual([200, []]);
    expect(body["failures"]).toMatchObject([{ imageId: id, failureCode }]);
    expect(server.events).toEqual([]);
  });

  test("keeps the child of an index, and names the index", async () => {
    const index = anIndex([a]);
    await client.push(repositoryName, index, "multi");
    const { body } = await remove({ imageDigest: a.digest });
    expect(body["failures"]).toMatchObject([
      {
        failureCode: "ImageReferencedByManifestList",
        failureReason: `Requested image referenced by manifest list: [${index.digest}]`,
      },
    ]);
    await remove({ imageTag: "multi" });
    expect(await ids()).toEqual([{ imageDigest: a.digest, imageTag: "one" }]);
  });

  test("takes 1 to 100 ids", async () => {
    for (const count of [0, 101]) {
      const { body } = await remove(...Array.from({ length: count }, () => ({ imageTag: "x" })));
      expect(body["__type"]).toBe("InvalidParameterException");
      expect(body["message"]).toContain("'imageIds'");
    }
  });
});

describe("reading images", () => {
  test("DescribeImages by id fails as a whole, BatchGetImage one by one", async () => {
    const imageIds = [{ imageTag: "one" }, { imageTag: "absent" }];
    const described = await client.api("DescribeImages", { repositoryName, imageIds });
    expect(described.body["__type"]).toBe("ImageNotFoundException");
    expect(described.body["message"]).toBe(
      "The image with imageId {imageDigest:'null', imageTag:'absent'} does not exist within the repository with name " +
        "'team/app' in the registry with id '111122223333'",
    );
    const { body } = await client.api("BatchGetImage", { repositoryName, imageIds });
    expect(body["images"]).toMatchObject([
      { imageManifest: a.bytes.toString(), imageId: { imageTag: "one" } },
    ]);
    expect(body["failures"]).toMatchObject([
      { failureCode: "ImageNotFound", failureReason: "Requested image not found" },
    ]);
  });

  test("an untagged image has no imageTags", async () => {
    await remove({ imageTag: "one" });
    await client.push(repositoryName, a);
    const { body } = await client.api("DescribeImages", { repositoryName });
    expect(body["imageDetails"]?.["0"]).not.toHaveProperty("imageTags");
  });

  test("pages cover everything once, while images come and go", async () => {
    const all = Array.from({ length: 7 }, (_, n) => anImage([`image ${n}`]));
    for (const image of all) await client.push(repositoryName, image);
    const seen: string[] = [];
    let nextToken: unknown;
    do {
      const { body } = await client.api("DescribeImages", { repositoryName, maxResults: 3, nextToken });
      const page = body["imageDetails"] as unknown as { imageDigest: string }[];
      expect(page.length).toBeLessThanOrEqual(3);
      seen.push(...page.map((image) => image.imageDigest));
      if (nextToken === undefined) await remove({ imageDigest: seen[0] });
      nextToken = body["nextToken"];
    } while (nextToken !== undefined);
    expect(seen).toEqual([a, ...all].map((image) => image.digest).toSorted());
  });

  test("ListImages has one id per digest and tag, across pages", async () => {
    for (const imageTag of ["two", "three"]) await put(a, { imageTag });
    await client.push(repositoryName, b);
    const seen: unknown[] = [];
    let nextToken: unknown;
    do {
      const { body } = await client.api("ListImages", { repositoryName, maxResults: 1, nextToken });
      seen.push(...(body["imageIds"] as unknown as unknown[]));
      nextToken = body["nextToken"];
    } while (nextToken !== undefined);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(
      expect.arrayContaining([{ imageDigest: b.digest }, { imageDigest: a.digest, imageTag: "three" }]),
    );
    expect(await ids({ tagStatus: "UNTAGGED" })).toEqual([{ imageDigest: b.digest }]);
    expect(await ids({ tagStatus: "TAGGED" })).toHaveLength(3);
  });

  test.each([
    ["a token of nowhere", { nextToken: "xyz" }, "'nextToken'"],
    ["ids and a page size", { imageIds: [{ imageTag: "one" }], maxResults: 5 }, "'maxResults'"],
    ["a page of none", { maxResults: 0 }, "'maxResults'"],
    ["a page of 1001", { maxResults: 1001 }, "'maxResults'"],
    ["an unknown status", { filter: { imageStatus: "GONE" } }, "'filter.imageStatus'"],
    ["a bad name", { repositoryName: "../x" }, "'repositoryName'"],
    ["a bad account", { registryId: "1" }, "'registryId'"],
  ])("%s is refused by name", async (_, more, text) => {
    const { status, body } = await client.api("DescribeImages", { repositoryName, ...more });
    expect([status, body["__type"]]).toEqual([400, "InvalidParameterException"]);
    expect(body["message"]).toContain(text);
  });

  test("a token of one list is of no use in another", async () => {
    await put(a, { imageTag: "two" });
    const { body } = await client.api("ListImages", { repositoryName, maxResults: 1 });
    const other = await client.api("DescribeImages", { repositoryName, nextToken: body["nextToken"] });
    expect(other.body["message"]).toContain("'nextToken'");
  });
});

describe("archiving", () => {
  const move = (targetStorageClass: string, imageTag = "one") =>
    client.api("UpdateImageStorageClass", { repositoryName, imageId: { imageTag }, targetStorageClass });

  test("hides an image, stops its pulls, keeps its tag, and can be undone", async () => {
    expect((await move("ARCHIVE")).body["imageStatus"]).toBe("ARCHIVED");
    expect(await ids()).toEqual([]);
    expect(await ids({ imageStatus: "ARCHIVED" })).toEqual([{ imageDigest: a.digest, imageTag: "one" }]);
    expect(await ids({ imageStatus: "ANY" })).toHaveLength(1);
    const { body } = await client.api("BatchGetImage", { repositoryName, imageIds: [{ imageTag: "one" }] });
    expect(body["failures"]).toMatchObject([{ failureCode: "ImageInaccessible" }]);
    expect((await client.v2({ method: "GET", path: "/v2/team/app/manifests/one" })).status).toBe(404);

    expect((await move("STANDARD")).body["imageStatus"]).toBe("ACTIVATING");
    expect(server.events).toHaveLength(1);
    pass(DEFAULT_LIMITS.restoreDuration);
    expect(await ids()).toHaveLength(1);
    expect(
      server.events.map(({ detail }) => [detail["target-storage-class"], detail["last-activated-at"]]),
    ).toEqual([
      ["ARCHIVE", undefined],
      ["STANDARD", server.clock.now.toISOString()],
      [undefined, undefined],
    ]);
  });

  test("ends when the image is pushed again", async () => {
    await move("ARCHIVE");
    expect((await client.push(repositoryName, a, "one")).status).toBe(201);
    expect(await ids()).toHaveLength(1);
    expect(server.events.at(-1)?.detail["action-type"]).toBe("PUSH");
  });

  test("is not for the child of an active index", async () => {
    await client.push(repositoryName, anIndex([a]), "multi");
    expect((await move("ARCHIVE")).body["__type"]).toBe("ImageStorageClassUpdateNotSupportedException");
    await move("ARCHIVE", "multi");
    expect((await move("ARCHIVE")).body["imageStatus"]).toBe("ARCHIVED");
  });
});
