import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  ImageAlreadyExistsException,
  type ImageIdentifier,
  ImageTagAlreadyExistsException,
  type ImageTagMutability,
  ListImagesCommand,
} from "@aws-sdk/client-ecr";
import { anImage, anIndex, OCI_MANIFEST } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { oneRepository, repositoryName } from "./support/one-repository.ts";

/** Tags and deletions as the AWS SDK knows them; where AWS documents nothing, with both settings. */
const [a, b] = [anImage(["a"]), anImage(["bb"])];
const { world, create, push, put } = oneRepository();
const remove = (...imageIds: ImageIdentifier[]) =>
  world.ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
async function described(imageDigest: string) {
  const { imageDetails } = await world.ecr.send(
    new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest }] }),
  );
  return imageDetails?.[0];
}
/** `digest:tag` of each image id, by the names given. */
async function list(): Promise<string[]> {
  const { imageIds = [] } = await world.ecr.send(new ListImagesCommand({ repositoryName }));
  return imageIds.map((id) => `${nameOf(id.imageDigest)}:${id.imageTag ?? ""}`).toSorted();
}
const nameOf = (digest: string | undefined) => (digest === a.digest ? "a" : digest === b.digest ? "b" : "?");

describe("a tag", () => {
  test.each<[ImageTagMutability, string | undefined, tag: string, moves: boolean]>([
    ["MUTABLE", undefined, "latest", true],
    ["IMMUTABLE", undefined, "latest", false],
    ["IMMUTABLE_WITH_EXCLUSION", "latest*", "latest-2", true],
    ["IMMUTABLE_WITH_EXCLUSION", "latest*", "Latest", false],
    ["IMMUTABLE_WITH_EXCLUSION", "latest", "my-latest", false],
    ["MUTABLE_WITH_EXCLUSION", "v*.0", "v1.0", false],
    ["MUTABLE_WITH_EXCLUSION", "v*.0", "v1.1", true],
  ])("in a repository that is %s (%s): %s moves: %s", async (mutability, filter, imageTag, moves) => {
    await create(mutability, filter);
    await push(a, imageTag);
    for (const blob of b.blobs) await clientOf(world.server).pushBlob(repositoryName, blob);
    const moved = put(b, { imageTag });
    if (moves) await moved;
    else await expect(moved).rejects.toBeInstanceOf(ImageTagAlreadyExistsException);
    // What a tag leaves stays as an untagged image.
    expect(await list()).toEqual(moves ? ["a:", `b:${imageTag}`] : [`a:${imageTag}`]);
  });

  test("moves by a filter that matches a part of it only where that is chosen", async () => {
    await create("IMMUTABLE_WITH_EXCLUSION", "dev");
    await push(a, "my-dev-1");
    await push(b);
    const move = () => put(b, { imageTag: "my-dev-1" });
    await expect(move()).rejects.toBeInstanceOf(ImageTagAlreadyExistsException);
    world.server.registry.setSwitches({ exclusionFilterMatch: "part" });
    await move();
    expect(await list()).toEqual(["a:", "b:my-dev-1"]);
  });

  test("that is immutable and on that image already: it exists, or it is refused; /v2 accepts the former", async () => {
    await create("IMMUTABLE");
    await push(a, "1");
    await expect(put(a, { imageTag: "1" })).rejects.toBeInstanceOf(ImageAlreadyExistsException);
    expect((await push(a, "1")).status).toBe(201);
    world.server.registry.setSwitches({ immutableRepush: "refused" });
    await expect(put(a, { imageTag: "1" })).rejects.toBeInstanceOf(ImageTagAlreadyExistsException);
    expect((await push(a, "1")).status).toBe(400);
    expect((await push(a, "2")).status).toBe(201);
  });
});

describe("a deletion", () => {
  const index = anIndex([a]);
  const both = [{ imageDigest: a.digest }, { imageDigest: index.digest }];
  const codes = async (...ids: ImageIdentifier[]) =>
    ((await remove(...ids)).failures ?? []).map((failure) => failure.failureCode);
  beforeEach(() => create());

  test("by tag takes the tag, and with the last tag the image; by digest every tag", async () => {
    for (const tag of ["1", "2"]) await push(a, tag);
    for (const tag of ["3", "4"]) await push(b, tag);
    const { imageIds } = await remove({ imageTag: "1" }, { imageDigest: b.digest });
    expect(imageIds).toEqual([
      { imageDigest: a.digest, imageTag: "1" },
      { imageDigest: b.digest, imageTag: "3" },
      { imageDigest: b.digest, imageTag: "4" },
    ]);
    expect(await list()).toEqual(["a:2"]);
    await remove({ imageDigest: a.digest, imageTag: "2" });
    expect(await list()).toEqual([]);
  });

  test("fails for each id that names nothing, by its code, and deletes the others", async () => {
    await push(a, "1");
    await push(b, "2");
    const ids = [
      {},
      { imageDigest: "nonsense" },
      { imageTag: "not a tag" },
      { imageTag: "absent" },
      { imageTag: "1", imageDigest: b.digest },
      { imageTag: "2" },
      { imageTag: "2" },
    ];
    expect(await codes(...ids)).toEqual([
      "MissingDigestAndTag",
      "InvalidImageDigest",
      "InvalidImageTag",
      "ImageNotFound",
      "ImageTagDoesNotMatchDigest",
      "ImageNotFound",
    ]);
    expect(await list()).toEqual(["a:1"]);
  });

  test.each([
    ["given", both, ["ImageReferencedByManifestList"], ["a:"]],
    ["given", both.toReversed(), [], []],
    ["parentsFirst", both, [], []],
    ["indexedStay", both.toReversed(), ["ImageReferencedByManifestList"], ["a:"]],
  ] as const)(
    "of an index and its child, in the order %s: of %j fail %j",
    async (order, ids, failed, left) => {
      await push(a);
      await push(index, "multi");
      world.server.registry.setSwitches({ deletionOrder: order });
      expect(await codes(...ids)).toEqual(failed);
      expect(await list()).toEqual(left);
    },
  );

  test("of a subject leaves what is about it", async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: a.digest, size: a.bytes.byteLength };
    const note = anImage(["note"], { subject });
    await push(a, "1");
    await push(note);
    expect(await codes({ imageTag: "1" })).toEqual([]);
    expect((await described(note.digest))?.subjectManifestDigest).toBe(a.digest);
  });
});
