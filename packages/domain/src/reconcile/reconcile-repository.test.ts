import { recordImage } from "@tallyman/domain/inventory/record-image";
import { type TaggingRule, TaggingRule as TaggingRuleSchema } from "@tallyman/domain/policy/policy";
import { reconcileRepository } from "@tallyman/domain/reconcile/reconcile-repository";
import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aManifest } from "../../../../test/builders/manifest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryListings } from "../../../../test/fakes/memory-listings.ts";
import { type MemoryRegistry, memoryRegistry } from "../../../../test/fakes/memory-registry.ts";

const web = aRepository("prod/web");
const A = aDigest("A");
const B = aDigest("B");
const NOW = new Date("2026-11-21T12:00:00.000Z");
const LATER = new Date("2026-11-22T12:00:00.000Z");
const NO_LATEST = TaggingRuleSchema.parse({ name: "no-latest", repositories: ["prod/**"], deny: ["latest"] });
const NOTHING = {
  "image-missed": 0,
  "image-changed": 0,
  "image-gone": 0,
  "tag-missed": 0,
  "tag-moved": 0,
  "tag-gone": 0,
  "violation-opened": 0,
  "violation-closed": 0,
};

let registry: MemoryRegistry;
let inventory: MemoryInventory;
let listings: ReturnType<typeof memoryListings>;

beforeEach(() => {
  registry = memoryRegistry();
  inventory = memoryInventory();
  listings = memoryListings();
  for (const seed of ["A", "B"]) registry.putManifest({ ...aManifest(seed), digest: aDigest(seed) });
});

function deps() {
  return { ...inventory, registry, manifestReader: registry, resourceTags: registry, listings };
}

function reconcile(now = NOW, rules: readonly TaggingRule[] = [NO_LATEST], run = now.toISOString()) {
  return reconcileRepository(deps(), { repository: web, rules, keepDays: 730, run, now });
}

async function push(digest: string, tag: string, heard = true) {
  registry.push(web, { digest, tags: [tag] });
  const event = `${digest} ${tag}`;
  const request = {
    repository: web,
    cause: "push",
    event,
    rules: [NO_LATEST],
    keepDays: 730,
    now: NOW,
  } as const;
  if (heard) await recordImage(deps(), { ...request, subject: { digest, tag } });
}

async function pointerOf(tag: string) {
  return (await inventory.tags.findTag(web, tag))?.digest;
}

describe("a reconcile", () => {
  test("finds nothing where events told everything, and writes the summary alone", async () => {
    await push(A, "1.0.0");
    await push(B, "latest");
    const before = inventory.journal.writes.length;
    const { differences, summary } = await reconcile();
    expect(differences).toEqual(NOTHING);
    expect(inventory.journal.writes.slice(before).map((write) => write.kind)).toEqual(["summary"]);
    expect(summary).toMatchObject({ images: 2, tags: 2, openViolations: 1, asOf: NOW.toISOString() });
  });

  test("records what was pushed without an event, judges it, and says so in the audit trail", async () => {
    await push(A, "1.0.0", false);
    await push(B, "latest", false);
    const { differences, recorded, summary } = await reconcile();
    expect(differences).toEqual({ ...NOTHING, "image-missed": 2, "tag-missed": 2, "violation-opened": 1 });
    expect(await pointerOf("1.0.0")).toBe(A);
    expect(recorded.tags.find((tag) => tag.tag === "latest")?.open).toHaveLength(1);
    expect(summary).toMatchObject({ openViolations: 1, completeSince: NOW.toISOString() });
    const [entry] = (await inventory.queries.listAudit("2026-11-21", { limit: 10 })).items;
    expect(entry).toMatchObject({ action: "inventory.repaired", actor: "reconcile" });
    expect(entry?.reason).toContain("2 image-missed");
  });

  test("repairs a tag that moved and one that went, keeping their history", async () => {
    await push(A, "1");
    await push(A, "2");
    await push(B, "1", false);
    registry.untag(web, "2");
    const { differences } = await reconcile();
    expect(differences).toEqual({ ...NOTHING, "image-missed": 1, "tag-moved": 1, "tag-gone": 1 });
    expect([await pointerOf("1"), await pointerOf("2")]).toEqual([B, null]);
    const history = await inventory.queries.listTagHistory(web, "1", { limit: 10 });
    expect(history.items.map((it) => [it.digest, it.cause])).toEqual([
      [A, "push"],
      [B, "reconcile"],
    ]);
  });

  test("closes an image that is gone, with its tags and violations", async () => {
    await push(A, "latest");
    registry.deleteImage(web, A);
    const { differences, summary } = await reconcile();
    expect(differences).toEqual({ ...NOTHING, "image-gone": 1, "tag-gone": 1, "violation-closed": 1 });
    expect((await inventory.images.findImage(web, A))?.state).toBe("closed");
    expect(summary).toMatchObject({ images: 0, tags: 0, openViolations: 0 });
  });

  test("opens an image again that was closed, was pushed again, and nobody told", async () => {
    await push(A, "1");
    registry.deleteImage(web, A);
    await reconcile();
    await push(A, "1", false);
    await reconcile(LATER);
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
    expect(await pointerOf("1")).toBe(A);
  });

  test("closes every image of a repository that is gone", async () => {
    await push(A, "1");
    registry.deleteRepository(web);
    expect((await reconcile()).differences).toMatchObject({ "image-gone": 1, "tag-gone": 1 });
  });

  test("does not close an image that was listed as missing and that a read of its digest finds", async () => {
    await push(A, "1");
    const listImages = registry.listImages;
    registry.listImages = async function* () {};
    const before = inventory.journal.writes.length;
    const { differences } = await reconcile();
    registry.listImages = listImages;
    expect(differences).toEqual(NOTHING);
    // Not even for a moment.
    expect(inventory.journal.writes.slice(before).map((write) => write.kind)).toEqual(["summary"]);
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
  });

  test("does not close an image that is recorded anew after a read has not found it, not even for a moment", async () => {
    await push(A, "1");
    registry.deleteImage(web, A);
    registry.afterRead = async (read) => {
      if (read !== `findImage prod/web ${A}`) return;
      registry.afterRead = undefined;
      registry.push(web, { digest: A, tags: ["1"], pushedAt: LATER.toISOString() });
      await push(A, "1");
    };
    await reconcile();
    expect(registry.afterRead).toBeUndefined();
    const record = await inventory.images.findImage(web, A);
    expect(record).toMatchObject({ state: "open", pushedAt: LATER.toISOString(), version: 2 });
  });

  test("does not close an image whose record was written since the sweep began", async () => {
    await push(A, "1");
    registry.deleteImage(web, A);
    registry.beforeRead = async (read) => {
      if (read !== `findImage prod/web ${A}`) return;
      registry.beforeRead = undefined;
      const record = await inventory.images.findImage(web, A);
      if (record)
        await inventory.images.putImage({ ...record, version: record.version + 1, status: "ARCHIVED" });
      registry.push(web, { digest: A, tags: ["1"], status: "ARCHIVED" });
    };
    await reconcile();
    expect((await inventory.images.findImage(web, A))?.state).toBe("open");
  });

  test("follows a tag that moves while the pages are read", async () => {
    await push(A, "1");
    await push(B, "2");
    registry.beforeRead = async (read) => {
      if (read !== `page ${B}`) return;
      registry.beforeRead = undefined;
      // The page with A and tag 1 has been read. Now the tag is on the next page as well.
      await push(B, "1", false);
    };
    await reconcile();
    expect(await pointerOf("1")).toBe(B);
  });

  test("records an image that two pages show as it is when it is looked at again", async () => {
    registry.push(web, { digest: A, tags: ["1"] });
    const listed = await registry.findImage(web, { digest: A });
    const { listImages } = registry;
    registry.listImages = async function* (of) {
      yield* listImages(of);
      // Between the pages it was archived and got a tag, and went to the next page.
      registry.push(web, { digest: A, tags: ["2"], status: "ARCHIVED" });
      if (listed) yield { ...listed, tags: ["1", "2"], status: "ARCHIVED" };
    };
    const { differences, summary } = await reconcile();
    registry.listImages = listImages;
    expect(await inventory.images.findImage(web, A)).toMatchObject({ state: "open", status: "ARCHIVED" });
    expect([await pointerOf("1"), await pointerOf("2")]).toEqual([A, A]);
    expect(differences).toMatchObject({ "tag-missed": 2, "image-gone": 0 });
    expect(summary).toMatchObject({ images: 1, tags: 2 });
    const before = inventory.journal.writes.length;
    expect((await reconcile(LATER)).differences).toEqual(NOTHING);
    expect(inventory.journal.writes.slice(before).map((write) => write.kind)).toEqual(["summary"]);
  });

  test("settles a forbidden tag from the listing, and looks anew when it moved meanwhile", async () => {
    await push(A, "1");
    await push(A, "latest", false);
    const looks = () => registry.reads.filter((read) => read.startsWith("findImage")).length;
    let before = looks();
    await reconcile();
    expect(looks() - before).toBe(0);

    await push(B, "latest", false);
    before = looks();
    inventory.journal.before = async ({ kind }) => {
      if (kind !== "violation") return;
      inventory.journal.before = undefined;
      // The pointer was just moved to B; now the tag moves back to A, and that is heard.
      await push(A, "latest");
    };
    const { differences } = await reconcile(LATER);
    expect(differences).toMatchObject({ "tag-moved": 1 });
    expect(await pointerOf("latest")).toBe(A);
    const open = (await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items;
    expect(open.map((it) => [it.tag, it.digest])).toEqual([["latest", A]]);
  });

  test("of a listing that breaks off throws and closes nothing", async () => {
    await push(A, "1");
    await push(B, "2");
    registry.beforeRead = (read) => {
      if (read === `page ${B}`) throw new Error("throttled");
    };
    await expect(reconcile()).rejects.toThrow("throttled");
    expect((await inventory.images.findImage(web, B))?.state).toBe("open");
    expect(await inventory.summaries.findSummary(web)).toBeUndefined();
  });

  test("opens what a new rule forbids and closes what a removed rule forbade, which is no gap", async () => {
    await push(A, "latest");
    await push(B, "2");
    await reconcile();
    const onlyNew = TaggingRuleSchema.parse({ name: "no-two", repositories: ["prod/**"], deny: ["2"] });
    const { differences, summary } = await reconcile(LATER, [onlyNew]);
    expect(differences).toEqual({ ...NOTHING, "violation-opened": 1, "violation-closed": 1 });
    expect(summary).toMatchObject({ openViolations: 1, completeSince: NOW.toISOString() });
    const open = (await inventory.queries.listViolations({ state: "open" }, { limit: 10 })).items;
    expect(open.map((it) => it.rule)).toEqual(["no-two"]);
  });

  test("begins completeSince anew only where events were missed", async () => {
    await push(A, "1");
    await reconcile();
    expect((await reconcile(LATER)).summary?.completeSince).toBe(NOW.toISOString());
    await push(B, "1", false);
    const evenLater = new Date("2026-11-23T12:00:00.000Z");
    expect((await reconcile(evenLater)).summary?.completeSince).toBe(evenLater.toISOString());
  });

  test("reads manifests that were not readable before, and calls that no difference", async () => {
    registry.excluded = false;
    await push(A, "1");
    registry.excluded = true;
    const { differences } = await reconcile();
    expect(differences).toEqual(NOTHING);
    expect((await inventory.images.findImage(web, A))?.manifest).toBe("known");
  });

  test("reads no manifest while the exclusion is missing", async () => {
    registry.excluded = false;
    await push(A, "1", false);
    await reconcile();
    expect(registry.reads.filter((read) => read.startsWith("readManifest"))).toEqual([]);
    expect((await inventory.images.findImage(web, A))?.manifest).toBe("exclusion-missing");
  });

  test("notes a pull without calling it a difference", async () => {
    await push(A, "1");
    registry.push(web, { digest: A, lastPulledAt: LATER.toISOString() });
    expect((await reconcile(LATER)).differences).toEqual(NOTHING);
    expect((await inventory.images.findImage(web, A))?.lastPulledAt).toBe(LATER.toISOString());
  });

  test("writes one audit entry for a run that is delivered twice", async () => {
    await push(A, "1", false);
    await reconcile();
    await reconcile();
    expect((await inventory.queries.listAudit("2026-11-21", { limit: 10 })).items).toHaveLength(1);
  });
});
