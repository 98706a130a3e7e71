import { describe, expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { anImageEvent } from "../../test/builders/ecr-event.ts";
import { functionDeps, OTHER } from "../../test/builders/function-deps.ts";
import { aRepository, HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import {
  aCall,
  anExpiry,
  aPolicyExecution,
  aServiceEvent,
  SOMEBODY,
} from "../../test/builders/trail-event.ts";
import { memoryDeedLog } from "../../test/fakes/memory-deed-log.ts";
import { createHandler as createImageAction } from "../image-action/handler.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const A = aDigest("A");
const B = aDigest("B");

function setUp() {
  const it = functionDeps();
  const { registry, telemetry, ...stores } = it.deps;
  const deeds = memoryDeedLog(it.inventory.journal);
  const trail = createHandler({ ...it.deps, deeds });
  const images = createImageAction(it.deps);
  const deliver = async (handler: typeof trail, events: readonly unknown[]) => {
    const answer = await handler(anSqsEvent(...events.map((body) => ({ body }))), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return {
    ...it,
    registry,
    telemetry,
    stores,
    hear: (...events: readonly unknown[]) => deliver(trail, events),
    hearOfImages: (...events: readonly unknown[]) => deliver(images, events),
    deeds: () => [...deeds.deeds.values()],
    writes: () => it.inventory.journal.writes.length,
  };
}

/** An image that is known with its tags, as its pushes told. */
async function pushed(tags: readonly string[], digest = A) {
  const it = setUp();
  it.registry.push(WEB, { digest, tags });
  for (const tag of tags) await it.hearOfImages(anImageEvent("PUSH", { digest, tag, id: `push-${tag}` }));
  return it;
}

const deletion = (...imageIds: readonly object[]) =>
  aCall("BatchDeleteImage", { imageIds }, { response: { imageIds, failures: [] } });

describe("a call", () => {
  test("that pushed is remembered with who did it, and nothing is read: the push has an event of its own", async () => {
    const { registry, hear, deeds, writes } = setUp();
    registry.push(WEB, { digest: A, tags: ["1.4.2"] });
    const imageId = { imageDigest: A, imageTag: "1.4.2" };
    const call = aCall("PutImage", {}, { response: { image: { imageId } } });
    expect(await hear(call)).toEqual([]);
    expect(deeds()).toEqual([
      {
        ...WEB,
        event: "6f4e8e8a-a2ee-4a33-b5fd-2a1a3b8ac0b2",
        place: 0,
        at: "2026-11-16T01:54:34.000Z",
        action: "push",
        by: SOMEBODY,
        digest: A,
        tag: "1.4.2",
      },
    ]);
    expect(writes()).toBe(1);
    expect(registry.reads).toEqual([]);
  });

  test("that deleted a tag of which no event told ends the tag", async () => {
    const { registry, hear, stores, deeds } = await pushed(["1.4.1", "1.4.2"]);
    registry.untag(WEB, "1.4.1");
    expect(await hear(deletion({ imageDigest: A, imageTag: "1.4.1" }))).toEqual([]);
    expect(await stores.tags.findTag(WEB, "1.4.1")).toMatchObject({ digest: null, cause: "delete" });
    expect(await stores.tags.findTag(WEB, "1.4.2")).toMatchObject({ digest: A });
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "open" });
    expect(deeds()).toMatchObject([{ action: "delete", tag: "1.4.1", by: SOMEBODY }]);
  });

  test("that deleted an image closes it with all its tags, each named one by its own name", async () => {
    const { registry, hear, stores, deeds } = await pushed(["1.4.1", "1.4.2"]);
    registry.deleteImage(WEB, A);
    const named = ["1.4.1", "1.4.2"].map((imageTag) => ({ imageDigest: A, imageTag }));
    expect(await hear(deletion(...named))).toEqual([]);
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "closed", cause: "delete" });
    for (const tag of ["1.4.1", "1.4.2"]) {
      expect(await stores.tags.findTag(WEB, tag)).toMatchObject({ digest: null });
    }
    expect(deeds().map(({ place, tag }) => [place, tag])).toEqual([
      [0, "1.4.1"],
      [1, "1.4.2"],
    ]);
  });

  test("that archived and one that restored are looked at", async () => {
    const { registry, hear, stores } = await pushed(["1.4.2"]);
    const to = (targetStorageClass: string, id: string) =>
      aCall("UpdateImageStorageClass", { imageId: { imageDigest: A }, targetStorageClass }, { id });
    registry.push(WEB, { digest: A, tags: ["1.4.2"], status: "ARCHIVED" });
    expect(await hear(to("ARCHIVE", "1"))).toEqual([]);
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ status: "ARCHIVED", cause: "archive" });
    registry.push(WEB, { digest: A, tags: ["1.4.2"], status: "ACTIVATING" });
    expect(await hear(to("STANDARD", "2"))).toEqual([]);
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ status: "ACTIVATING", cause: "restore" });
  });

  test("that failed for one image remembers why and looks at the others only", async () => {
    const { registry, hear, deeds } = await pushed(["1.4.2"]);
    registry.reads.length = 0;
    const failures = [
      { imageId: { imageDigest: A }, failureCode: "ImageReferencedByManifestList", failureReason: "in use" },
    ];
    expect(await hear(aCall("BatchDeleteImage", {}, { response: { imageIds: [], failures } }))).toEqual([]);
    expect(deeds()).toMatchObject([{ digest: A, failure: "ImageReferencedByManifestList: in use" }]);
    expect(registry.reads).toEqual([]);
  });

  test("that was refused leaves nothing", async () => {
    const { hear, writes } = setUp();
    expect(await hear(aCall("DeleteRepository", {}, { detail: { errorCode: "AccessDenied" } }))).toEqual([]);
    expect(writes()).toBe(0);
  });

  test("to another account's registry counts if that is declared, and is passed over if not", async () => {
    const { hear, deeds } = setUp();
    const imageId = { imageDigest: A, imageTag: "1" };
    const to = (registryId: string) =>
      aCall("PutImage", { registryId }, { response: { image: { imageId } } });
    expect(await hear(to("999999999999"))).toEqual([]);
    expect(deeds()).toEqual([]);
    expect(await hear(to(OTHER.account))).toEqual([]);
    expect(deeds()).toMatchObject([{ account: OTHER.account, repository: "prod/web" }]);
  });
});

describe("a repository", () => {
  test("that was created is listed at once, empty as it is, and once", async () => {
    const { registry, hear, stores, writes } = setUp();
    registry.createRepository(WEB);
    expect(await hear(aCall("CreateRepository"))).toEqual([]);
    expect(await stores.summaries.findSummary(WEB)).toMatchObject({ images: 0, tags: 0, version: 1 });
    const before = writes();
    expect(await hear(aCall("CreateRepository"))).toEqual([]);
    expect(writes()).toBe(before);
  });

  test("that is gone again when its creation is heard of is not listed", async () => {
    const { hear, stores, deeds } = setUp();
    expect(await hear(aCall("CreateRepository"))).toEqual([]);
    expect(await stores.summaries.findSummary(WEB)).toBeUndefined();
    expect(deeds()).toMatchObject([{ action: "create-repository" }]);
  });

  test("that was deleted is compared with its registry, under the record's id", async () => {
    const { hear, jobs, deeds } = setUp();
    expect(await hear(aCall("DeleteRepository", { force: true }, { id: "deleted-1" }))).toEqual([]);
    expect(jobs).toEqual([{ kind: "repository", ...WEB, run: "deleted-1", told: "repository-delete" }]);
    expect(deeds()).toMatchObject([{ action: "delete-repository", by: SOMEBODY }]);
  });
});

describe("a lifecycle policy's run", () => {
  test("closes what it expired by its rule, and remembers what it could not", async () => {
    const { registry, hear, stores, deeds } = await pushed(["1.4.1", "1.4.2"]);
    registry.deleteImage(WEB, A);
    const failed = { ...anExpiry(B), failureCode: "ImageReferencedByManifestList" };
    expect(await hear(aPolicyExecution([anExpiry(A, ["1.4.1", "1.4.2"])], [failed]))).toEqual([]);
    const why = "lifecycle rule 1: keep ten";
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "closed", cause: "lifecycle", why });
    for (const tag of ["1.4.1", "1.4.2"]) {
      expect(await stores.tags.findTag(WEB, tag)).toMatchObject({ digest: null, cause: "lifecycle", why });
    }
    expect(deeds()).toMatchObject([
      { action: "expire", digest: A, by: "lifecycle policy", rule: why },
      { action: "expire", digest: B, failure: "ImageReferencedByManifestList" },
    ]);
  });

  test("that is told in several records is recorded in full, in any order, each once", async () => {
    const digests = Array.from({ length: 13 }, (_, i) => aDigest(`image ${i}`));
    const it = setUp();
    for (const [i, digest] of digests.entries()) {
      it.registry.push(WEB, { digest, tags: [`${i}`] });
      await it.hearOfImages(anImageEvent("PUSH", { digest, tag: `${i}`, id: `push-${i}` }));
    }
    for (const digest of digests) it.registry.deleteImage(WEB, digest);
    const part = (id: string, from: number, to: number) =>
      aPolicyExecution(
        digests.slice(from, to).map((digest) => anExpiry(digest)),
        [],
        { id },
      );
    const records = [part("second", 9, 13), part("first", 0, 9)];
    expect(await it.hear(...records)).toEqual([]);
    expect(await Array.fromAsync(it.stores.images.listImages(WEB))).toEqual([]);
    expect(it.deeds()).toHaveLength(13);
    const writes = it.writes();
    expect(await it.hear(...records)).toEqual([]);
    expect(it.writes()).toBe(writes);
  });

  test("in a repository that is gone since closes what it names all the same", async () => {
    const { registry, hear, stores } = await pushed(["1.4.2"]);
    registry.deleteRepository(WEB);
    expect(await hear(aPolicyExecution([anExpiry(A, ["1.4.2"])]))).toEqual([]);
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "closed" });
  });

  test("is recorded of an image that was never heard of, so that a slower worker cannot open it", async () => {
    const { hear, stores } = setUp();
    expect(await hear(aPolicyExecution([anExpiry(A, ["1.4.2"])]))).toEqual([]);
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "closed", cause: "lifecycle" });
    expect(await stores.tags.findTag(WEB, "1.4.2")).toMatchObject({ digest: null });
  });
});

test("the end of a restore is looked at, and is nobody's deed", async () => {
  const { registry, hear, stores, deeds } = await pushed(["1.4.2"]);
  registry.push(WEB, { digest: A, tags: ["1.4.2"], status: "ACTIVATING" });
  await hear(
    aCall("UpdateImageStorageClass", { imageId: { imageDigest: A }, targetStorageClass: "STANDARD" }),
  );
  registry.push(WEB, { digest: A, status: "ACTIVE" });
  expect(await hear(aServiceEvent("ImageActivationEvent", { imageDigest: A }, { id: "2" }))).toEqual([]);
  expect(await stores.images.findImage(WEB, A)).toMatchObject({ status: "ACTIVE", cause: "restore" });
  expect(deeds()).toHaveLength(1);
});

test("the same record again, five times, writes nothing", async () => {
  const { registry, hear, writes } = await pushed(["1.4.2"]);
  registry.deleteImage(WEB, A);
  const record = deletion({ imageDigest: A, imageTag: "1.4.2" });
  await hear(record);
  const before = writes();
  for (let time = 0; time < 5; time++) expect(await hear(record)).toEqual([]);
  expect(writes()).toBe(before);
});

test("a record that comes after the event that told of the same writes the deed, and dates the tag's pointer once", async () => {
  const { registry, hear, hearOfImages, inventory } = await pushed(["1.4.2"]);
  registry.deleteImage(WEB, A);
  await hearOfImages(anImageEvent("DELETE", { digest: A, tag: "1.4.2", id: "delete" }));
  const before = inventory.journal.writes.length;
  await hear(deletion({ imageDigest: A, imageTag: "1.4.2" }));
  expect(inventory.journal.writes.slice(before).map(({ kind }) => kind)).toEqual(["deed", "tag"]);
});

test("what was killed after the deeds is looked at when the record comes again", async () => {
  const { registry, hear, stores, inventory, deeds } = await pushed(["1.4.2"]);
  registry.deleteImage(WEB, A);
  inventory.journal.before = (write) => {
    if (write.kind === "image") throw new Error("killed");
  };
  const record = deletion({ imageDigest: A });
  expect(await hear(record)).toEqual(["message-1"]);
  inventory.journal.before = undefined;
  expect(await hear(record)).toEqual([]);
  expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "closed" });
  expect(deeds()).toHaveLength(1);
});

test.each([
  ["no event", "{}"],
  ["an event of an image", anImageEvent("PUSH")],
  ["a registry that is not declared", aCall("PutImage", {}, { registry: { ...HUB, region: "eu-west-3" } })],
])("%s goes back alone and nothing is read or written", async (_, body) => {
  const { registry, hear, writes } = setUp();
  expect(await hear(body, aCall("CreateRepository", {}, { detail: { errorCode: "x" } }))).toEqual([
    "message-1",
  ]);
  expect(writes()).toBe(0);
  expect(registry.reads).toEqual([]);
});

test("an unreachable registry hands the record back", async () => {
  const { registry, hear } = await pushed(["1.4.2"]);
  registry.unavailable = true;
  expect(await hear(deletion({ imageDigest: A }))).toEqual(["message-1"]);
});
