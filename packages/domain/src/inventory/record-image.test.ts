import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import { recordImage } from "@tallyman/domain/inventory/record-image";
import type { Cause } from "@tallyman/domain/inventory/records";
import { type TaggingRule, TaggingRule as TaggingRuleSchema } from "@tallyman/domain/policy/policy";
import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aManifest, anIndex, asManifest } from "../../../../test/builders/manifest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { type MemoryRegistry, memoryRegistry } from "../../../../test/fakes/memory-registry.ts";

const web = aRepository("prod/web");
const A = aDigest("A");
const B = aDigest("B");
const NOW = new Date("2026-11-21T12:00:00.000Z");
const NO_LATEST: TaggingRule = TaggingRuleSchema.parse({
  name: "no-latest",
  repositories: ["prod/**"],
  deny: ["latest"],
});

let events = 0;
let registry: MemoryRegistry;
let inventory: MemoryInventory;

beforeEach(() => {
  registry = memoryRegistry();
  inventory = memoryInventory();
  for (const seed of ["A", "B"]) registry.putManifest({ ...aManifest(seed), digest: aDigest(seed) });
});

type Told = { digest?: string; tag?: string; cause?: Cause; now?: Date; event?: string };

/** What image-action does with an event. */
function hear({ digest, tag, cause = "push", now = NOW, event = `event ${++events}` }: Told) {
  const subject = digest ? { digest, ...(tag && { tag }) } : { tag: tag ?? "" };
  const deps = { ...inventory, registry, manifestReader: registry };
  return recordImage(deps, { repository: web, subject, cause, event, rules: [NO_LATEST], keepDays: 30, now });
}

function push(digest: string, tag: string) {
  registry.push(web, { digest, tags: [tag] });
}

function writes(): readonly string[] {
  return inventory.journal.writes.map((write) => write.kind);
}

async function history(tag: string) {
  return (await inventory.queries.listTagHistory(web, tag, { limit: 100 })).items;
}

describe("a push", () => {
  test("is recorded with its image, its tag and its manifest in three writes and two registry reads", async () => {
    push(A, "1.0.0");
    const recorded = await hear({ digest: A, tag: "1.0.0" });
    expect(writes().toSorted()).toEqual(["image", "manifest", "tag"]);
    expect(registry.reads).toHaveLength(2);
    expect(recorded.images[0]?.record).toMatchObject({
      digest: A,
      state: "open",
      manifest: "known",
      version: 1,
    });
    expect(recorded.tags[0]?.pointer).toMatchObject({ tag: "1.0.0", digest: A, cause: "push" });
  });

  test("of an image whose manifest is known reads the registry once", async () => {
    push(A, "1.0.0");
    await hear({ digest: A, tag: "1.0.0" });
    registry.reads.length = 0;
    push(A, "1.0.1");
    await hear({ digest: A, tag: "1.0.1" });
    expect(registry.reads).toHaveLength(1);
  });

  test("heard five times writes nothing the second to fifth time", async () => {
    push(A, "latest");
    await hear({ digest: A, tag: "latest", event: "one" });
    const after = inventory.journal.writes.length;
    for (let again = 2; again <= 5; again++) {
      const now = new Date(NOW.getTime() + again * 1000);
      const recorded = await hear({ digest: A, tag: "latest", event: "one", now });
      expect(recorded.tags[0]?.open).toHaveLength(1);
    }
    expect(inventory.journal.writes).toHaveLength(after);
  });

  test("that moves a tag writes the history of the state it ends before the pointer", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    push(B, "1");
    await hear({ digest: B, tag: "1" });
    expect(writes().slice(3).toSorted()).toEqual(["image", "manifest", "tag", "tag-history"]);
    expect(writes().indexOf("tag-history")).toBeLessThan(writes().lastIndexOf("tag"));
  });

  test("of an image that was not known records the tags, too, that it got unheard, and judges them", async () => {
    registry.push(web, { digest: A, tags: ["1.0.0", "1.0.1", "latest"] });
    const recorded = await hear({ digest: A, tag: "1.0.1" });
    const pointing = recorded.tags.map(({ tag, pointer, open }) => [tag, pointer?.digest, open.length]);
    expect(pointing.toSorted()).toEqual([
      ["1.0.0", A, 0],
      ["1.0.1", A, 0],
      ["latest", A, 1],
    ]);
    expect((await inventory.tags.findTag(web, "latest"))?.digest).toBe(A);
    // Of one that is known, what was not heard is found by a comparison.
    registry.push(web, { digest: A, tags: ["1.0.2", "stable"] });
    expect((await hear({ digest: A, tag: "1.0.2" })).tags.map(({ tag }) => tag)).toEqual(["1.0.2"]);
  });

  test("of an unknown image is completed with all its tags when a worker is killed on the way", async () => {
    registry.push(web, { digest: A, tags: ["1.0.0", "1.0.1"] });
    for (let at = 0; at < 3; at++) {
      let written = 0;
      inventory.journal.before = () => {
        written += 1;
        if (written > at) throw new Error("the worker was killed");
      };
      await expect(hear({ digest: A, tag: "1.0.0", event: "one" })).rejects.toThrow("killed");
    }
    inventory.journal.before = undefined;
    await hear({ digest: A, tag: "1.0.0", event: "one" });
    for (const tag of ["1.0.0", "1.0.1"]) expect((await inventory.tags.findTag(web, tag))?.digest).toBe(A);
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
  });

  test("without a tag records the image alone", async () => {
    registry.push(web, { digest: A });
    const recorded = await hear({ digest: A });
    expect(recorded).toMatchObject({ tags: [], images: [{ digest: A, changed: true }] });
  });

  test("of an index writes its head and none of its edges, which the count of the repository does", async () => {
    const children = [aManifest("amd64"), aManifest("arm64")];
    const index = anIndex(children);
    registry.putManifest(index);
    registry.push(web, { digest: index.digest, tags: ["1"] });
    await hear({ digest: index.digest, tag: "1" });
    expect(writes().toSorted()).toEqual(["image", "manifest", "tag"]);
  });
});

describe("the write protocol", () => {
  test("keeps a rollback A, B, A as three intervals although pushed-at is not renewed", async () => {
    for (const digest of [A, B, A]) {
      push(digest, "latest");
      await hear({ digest, tag: "latest" });
    }
    expect((await history("latest")).map((it) => it.digest)).toEqual([A, B, A]);
    const [open] = (await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items;
    expect(open).toMatchObject({ digest: A, rule: "no-latest" });
    expect((await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items).toHaveLength(1);
  });

  test("keeps both of two tags that are pushed in one second", async () => {
    push(A, "1.0.0");
    push(A, "1.0");
    await Promise.all([hear({ digest: A, tag: "1.0.0" }), hear({ digest: A, tag: "1.0" })]);
    const tags = (await inventory.queries.listTags(web, { limit: 10 })).items;
    expect(tags.map((it) => [it.tag, it.digest])).toEqual([
      ["1.0", A],
      ["1.0.0", A],
    ]);
    expect((await inventory.images.findImage(web, A))?.version).toBe(1);
  });

  test("keeps the second of two pushes of one tag in one second, in whichever order their events come", async () => {
    push(A, "latest");
    push(B, "latest");
    await Promise.all([hear({ digest: B, tag: "latest" }), hear({ digest: A, tag: "latest" })]);
    expect((await inventory.tags.findTag(web, "latest"))?.digest).toBe(B);
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
    expect((await inventory.images.findImage(web, B))?.state).toBe("open");
  });

  test("refuses the slower of two workers, which holds the older read, and lets it see that nothing is left to do", async () => {
    push(A, "latest");
    let slowed = false;
    registry.afterRead = async (read) => {
      if (slowed || !read.startsWith("findImage")) return;
      slowed = true;
      // The slow worker has read A. Now the tag moves, and a faster one records B.
      push(B, "latest");
      await hear({ digest: B, tag: "latest" });
    };
    await hear({ digest: A, tag: "latest" });
    expect((await inventory.tags.findTag(web, "latest"))?.digest).toBe(B);
    expect(await history("latest")).toHaveLength(1);
    const open = (await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items;
    expect(open.map((it) => it.digest)).toEqual([B]);
  });

  test("counts a state once after a crash between its history and the pointer", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    push(B, "1");
    inventory.journal.before = (write) => {
      if (write.kind === "tag") throw new Error("the worker was killed");
    };
    await expect(hear({ digest: B, tag: "1" })).rejects.toThrow("killed");
    expect((await history("1")).map((it) => [it.digest, it.version])).toEqual([[A, 1]]);

    inventory.journal.before = undefined;
    await hear({ digest: B, tag: "1" });
    expect((await history("1")).map((it) => [it.digest, it.version])).toEqual([
      [A, 1],
      [B, 2],
    ]);
  });

  test("leaves no violation open at the digest that a tag left when a worker is killed right after the pointer", async () => {
    push(A, "latest");
    await hear({ digest: A, tag: "latest" });
    push(B, "latest");
    let moved = false;
    inventory.journal.before = (write) => {
      if (moved && write.kind === "violation") throw new Error("the worker was killed");
      moved ||= write.kind === "tag";
    };
    await expect(hear({ digest: B, tag: "latest", event: "moved" })).rejects.toThrow("killed");
    inventory.journal.before = undefined;
    await hear({ digest: B, tag: "latest", event: "moved" });
    const open = (await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items;
    expect(open.map((it) => it.digest)).toEqual([B]);
  });

  test("refuses a worker that holds a read from before a tag moved away and back", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    push(B, "1");
    registry.afterRead = async (read) => {
      if (!read.startsWith("findImage")) return;
      registry.afterRead = undefined;
      // The worker has read B. The tag goes back to A, and whoever hears of that finds A recorded already.
      push(A, "1");
      await hear({ digest: A, tag: "1" });
    };
    await hear({ digest: B, tag: "1" });
    expect((await inventory.tags.findTag(web, "1"))?.digest).toBe(A);
    expect((await history("1")).map((it) => it.digest)).toEqual([A]);
  });

  test("opens an image again that was closed by an old read, after it had been pushed again", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    registry.deleteImage(web, A);
    registry.afterRead = async (read) => {
      if (read !== `findImage prod/web ${A}`) return;
      registry.afterRead = undefined;
      registry.push(web, { digest: A });
      await hear({ digest: A });
    };
    await hear({ digest: A, tag: "1", cause: "delete" });
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
  });

  test("orders history by version when the clock is set back 30 days between pushes", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    push(B, "1");
    await hear({ digest: B, tag: "1", now: new Date(NOW.getTime() - 30 * 24 * 3600_000) });
    expect((await inventory.tags.findTag(web, "1"))?.digest).toBe(B);
    expect((await history("1")).map((it) => it.digest)).toEqual([A, B]);
  });

  test("gives up after five lost races, so that the message comes back", async () => {
    push(A, "1");
    let attempts = 0;
    inventory.journal.before = (write) => {
      if (write.kind !== "tag") return;
      attempts++;
      throw new FenceConflictError("tag");
    };
    await expect(hear({ digest: A, tag: "1" })).rejects.toThrow(FenceConflictError);
    expect(attempts).toBe(5);
  });

  test("concludes nothing from a registry that cannot be asked", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    registry.unavailable = true;
    await expect(hear({ digest: A, tag: "1", cause: "delete" })).rejects.toThrow("try again");
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
  });
});

describe("a deletion", () => {
  test("closes the image, every tag that pointed at it, and their violations, and keeps the history", async () => {
    push(A, "1.0.0");
    push(A, "latest");
    await hear({ digest: A, tag: "1.0.0" });
    await hear({ digest: A, tag: "latest" });
    registry.deleteImage(web, A);
    const recorded = await hear({ digest: A, tag: "1.0.0", cause: "delete" });
    expect(recorded.images[0]?.record).toMatchObject({ state: "closed", closedAt: NOW.toISOString() });
    expect((await history("latest")).map((it) => it.digest)).toEqual([A, null]);
    expect((await history("1.0.0")).map((it) => it.cause)).toEqual(["push", "delete"]);
    expect((await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items).toEqual([]);
  });

  test("that was only an untagging leaves the image open", async () => {
    push(A, "1.0.0");
    await hear({ digest: A, tag: "1.0.0" });
    registry.untag(web, "1.0.0");
    await hear({ digest: A, tag: "1.0.0", cause: "delete" });
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
    expect((await inventory.tags.findTag(web, "1.0.0"))?.digest).toBeNull();
  });

  test("whose event comes after the image was pushed again changes nothing but the fence", async () => {
    push(A, "1.0.0");
    await hear({ digest: A, tag: "1.0.0" });
    const before = inventory.journal.writes.length;
    const recorded = await hear({ digest: A, tag: "1.0.0", cause: "delete" });
    expect(recorded).toMatchObject({ images: [{ changed: false }], tags: [{ changed: false }] });
    expect(writes().slice(before)).toEqual(["tag"]);
    expect(await history("1.0.0")).toHaveLength(1);
  });

  test("of an image that comes back is kept as an earlier life", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    registry.deleteImage(web, A);
    await hear({ digest: A, tag: "1", cause: "delete" });
    push(A, "1");
    const recorded = await hear({ digest: A, tag: "1" });
    expect(writes()).toContain("image-history");
    expect(recorded.images[0]?.record).toMatchObject({ state: "open", version: 3 });
    expect(recorded.images[0]?.record).not.toHaveProperty("closedAt");
  });

  test("of something that was never known is noted, once, so that a slower worker does not open it", async () => {
    push(A, "1");
    registry.afterRead = async (read) => {
      if (!read.startsWith("findImage")) return;
      registry.afterRead = undefined;
      registry.deleteImage(web, A);
      await hear({ digest: A, tag: "1", cause: "delete", event: "deletion" });
    };
    await hear({ digest: A, tag: "1" });
    expect((await inventory.images.findImage(web, A))?.state).toBe("closed");
    const after = inventory.journal.writes.length;
    await hear({ digest: A, tag: "1", cause: "delete", event: "deletion" });
    expect(inventory.journal.writes.length - after).toBeLessThanOrEqual(1);
  });
});

describe("a manifest", () => {
  test("is not read without the pull-time exclusion, and the record says so", async () => {
    registry.excluded = false;
    push(A, "1");
    const recorded = await hear({ digest: A, tag: "1" });
    expect(recorded.images[0]?.record?.manifest).toBe("exclusion-missing");
    expect(registry.reads.filter((read) => read.startsWith("readManifest"))).toEqual([]);
  });

  test("is read once for all registries", async () => {
    push(A, "1");
    await hear({ digest: A, tag: "1" });
    const west = aRepository("prod/web", { region: "us-west-2" });
    registry.push(west, { digest: A, tags: ["1"] });
    const deps = { ...inventory, registry, manifestReader: registry };
    await recordImage(deps, {
      repository: west,
      subject: { digest: A },
      cause: "replication",
      event: "copied",
      rules: [],
      keepDays: 30,
      now: NOW,
    });
    expect(registry.reads.filter((read) => read.startsWith("readManifest"))).toHaveLength(1);
  });

  test("that is no manifest is said to be unreadable and is not asked for again", async () => {
    const odd = asManifest("application/json", { manifests: [{ digest: "sha256:short" }] });
    registry.putManifest(odd);
    registry.push(web, { digest: odd.digest, tags: ["1"] });
    await hear({ digest: odd.digest, tag: "1" });
    const recorded = await hear({ digest: odd.digest, tag: "1" });
    expect(recorded.images[0]).toMatchObject({ changed: false, record: { manifest: "unreadable" } });
    expect(registry.reads.filter((read) => read.startsWith("readManifest"))).toHaveLength(1);
  });

  test("of an archived image is not asked for", async () => {
    registry.push(web, { digest: A, tags: ["1"], status: "ARCHIVED" });
    const recorded = await hear({ digest: A, tag: "1", cause: "archive" });
    expect(recorded.images[0]?.record).toMatchObject({ status: "ARCHIVED", manifest: "inaccessible" });
  });
});
