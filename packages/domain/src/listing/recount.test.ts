import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aManifest, anIndex, asManifest } from "../../../../test/builders/manifest.ts";
import { anImageRecord, aSummary, aTagPointer, aViolationRecord } from "../../../../test/builders/records.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import type { Manifest } from "../image/image.ts";
import { FenceConflictError } from "../inventory/errors.ts";
import type { ImageRecord } from "../inventory/records.ts";
import { parseManifest } from "../manifest/parse-manifest.ts";
import { UnreadableListingError } from "./errors.ts";
import { recount } from "./recount.ts";

const WEB = aRepository("prod/web");
const NOW = new Date("2026-11-21T12:00:00.000Z");
const LATER = new Date("2026-11-21T12:01:00.000Z");
const OCI = "application/vnd.oci.image.manifest.v1+json";

let inventory: MemoryInventory;
beforeEach(() => {
  inventory = memoryInventory();
});

const withLayers = (...layers: readonly (readonly [string, number])[]) =>
  asManifest(OCI, { layers: layers.map(([name, size]) => ({ digest: aDigest(name), size })) });

async function hold(manifest: Manifest, record: Partial<ImageRecord> = {}): Promise<string> {
  const { digest } = manifest;
  await inventory.images.putImage(anImageRecord({ ...WEB, digest, ...record }));
  await inventory.manifests.putManifest({ ...manifest, contents: parseManifest(manifest) });
  return digest;
}

/** Heads that are asked for. */
function asked() {
  const digests: string[] = [];
  const manifests = {
    findHeads: (some: readonly string[]) => {
      digests.push(...some);
      return inventory.manifests.findHeads(some);
    },
    putEdges: inventory.manifests.putEdges,
  };
  return { digests, manifests };
}

const count = (now = NOW, more = {}) => recount({ ...inventory }, { repository: WEB, now, ...more });

describe("a count", () => {
  test("writes the edges of what was not listed before, and again where it was killed before the listing", async () => {
    const index = anIndex(["amd64", "arm64", "s390x"].map((it) => aManifest(it)));
    await hold(index);
    const edges = () => inventory.journal.writes.filter(({ kind }) => kind === "edge").length;
    inventory.listings.before = () => Promise.reject(new Error("killed"));
    await expect(count()).rejects.toThrow("killed");
    inventory.listings.before = undefined;
    const { digests, manifests } = asked();
    await recount({ ...inventory, manifests }, { repository: WEB, now: NOW });
    expect([edges(), digests]).toEqual([2, [index.digest]]);
    await recount({ ...inventory, manifests }, { repository: WEB, now: LATER });
    expect([edges(), digests]).toEqual([2, [index.digest]]);
    const parents = await inventory.queries.listReferring(aManifest("s390x").digest, "child", { limit: 9 });
    expect(parents.items).toEqual([index.digest]);
  });

  test("is of what the records say: images and tags that are there, open violations, layers once", async () => {
    const a = await hold(withLayers(["base", 100], ["a", 1]), { size: 101 });
    const b = await hold(withLayers(["base", 100], ["b", 2]), { size: 102, status: "ARCHIVED" });
    const index = await hold(anIndex([aManifest("x"), aManifest("y")]), { size: 102 });
    await inventory.images.putImage(anImageRecord({ digest: aDigest("gone"), state: "closed" }));
    await inventory.images.putImage(
      anImageRecord({ digest: aDigest("unread"), manifest: "exclusion-missing", size: 7 }),
    );
    for (const [tag, digest] of [
      ["2", a],
      ["1", a],
      ["all", index],
      ["gone", null],
    ] as const)
      await inventory.tags.moveTag(undefined, aTagPointer({ tag, digest }));
    await inventory.violations.putViolation(aViolationRecord());
    await inventory.violations.putViolation(aViolationRecord({ tag: "closed", state: "closed" }));

    const { summary, listing } = await count();
    expect(summary).toEqual({
      ...WEB,
      images: 4,
      tags: 3,
      openViolations: 1,
      bytes: 101 + 102 + 102 + 7,
      billedBytes: 103,
      archivedBytes: 2,
      imagesOfUnknownSize: 1,
      asOf: NOW.toISOString(),
      version: 1,
    });
    expect(await inventory.summaries.findSummary(WEB)).toEqual(summary);
    expect(await inventory.listings.findListing(WEB)).toEqual(listing);
    expect(listing).toMatchObject({ ...WEB, asOf: NOW.toISOString() });
    expect(listing.images.map((it) => it.digest)).toEqual([a, b, index, aDigest("unread")].toSorted());
    expect(listing.layers.map((it) => it.digest)).toEqual(
      [aDigest("base"), aDigest("a"), aDigest("b")].toSorted(),
    );
    const listed = new Map(listing.images.map((it) => [it.digest, it]));
    expect(listed.get(a)?.tags).toEqual(["1", "2"]);
    expect(
      listed
        .get(a)
        ?.layers?.map((place) => listing.layers[place]?.size)
        .toSorted(),
    ).toEqual([1, 100]);
    expect(listed.get(index)?.layers).toEqual([]);
    expect(listed.get(aDigest("unread"))).not.toHaveProperty("layers");
  });

  test("again gives the same but for the time, and reads no head that was listed before", async () => {
    await hold(withLayers(["base", 100], ["a", 1]));
    await hold(withLayers(["base", 100], ["b", 2]));
    await inventory.images.putImage(anImageRecord({ digest: aDigest("unread"), manifest: "not-found" }));
    const first = await count();
    const { digests, manifests } = asked();
    const second = await recount({ ...inventory, manifests }, { repository: WEB, now: LATER });
    expect(digests).toEqual([aDigest("unread")]);
    expect(second.listing).toEqual({ ...first.listing, asOf: LATER.toISOString() });
    expect(second.summary).toEqual({ ...first.summary, asOf: LATER.toISOString(), version: 2 });
  });

  test("forgets what images had that are gone", async () => {
    const gone = await hold(withLayers(["base", 100], ["a", 1]));
    await hold(withLayers(["base", 100], ["b", 2]));
    await count();
    await inventory.images.putImage(anImageRecord({ ...WEB, digest: gone, state: "closed", version: 2 }));
    const { summary, listing } = await count(LATER);
    expect(summary).toMatchObject({ images: 1, billedBytes: 102 });
    expect(listing.layers.map((it) => it.size).toSorted()).toEqual([100, 2]);
  });

  test("knows the size of an image whose manifest another registry had", async () => {
    await hold(withLayers(["a", 1]), { manifest: "exclusion-missing" });
    expect((await count()).summary).toMatchObject({ billedBytes: 1, imagesOfUnknownSize: 0 });
  });

  test("does not count what schema 1 does not say as nothing", async () => {
    await hold(asManifest("application/vnd.docker.distribution.manifest.v1+json", { fsLayers: [{}] }));
    expect((await count()).summary).toMatchObject({ billedBytes: 0, imagesOfUnknownSize: 1 });
  });

  test("writes a listing anew that cannot be read", async () => {
    const a = await hold(withLayers(["a", 1]));
    const listings = {
      putListing: inventory.listings.putListing.bind(inventory.listings),
      findListing: async () => {
        throw new UnreadableListingError("prod/web");
      },
    };
    await recount({ ...inventory, listings }, { repository: WEB, now: NOW });
    expect((await inventory.listings.findListing(WEB))?.images.map((it) => it.digest)).toEqual([a]);
  });

  test("that cannot ask for the listing before fails, and writes nothing", async () => {
    const findListing = () => Promise.reject(new Error("S3 did not answer"));
    const deps = { ...inventory, listings: { ...inventory.listings, findListing } };
    await expect(recount(deps, { repository: WEB, now: NOW })).rejects.toThrow("S3");
    expect(inventory.journal.writes).toEqual([]);
  });
});

describe("a summary", () => {
  const RECONCILED = {
    completeSince: "2026-11-01T00:00:00.000Z",
    reconciledAt: "2026-11-20T00:00:00.000Z",
    resourceTags: { team: "web" },
    lastError: "no answer",
    lastErrorAt: "2026-11-20T12:00:00.000Z",
  };
  const put = (more = {}) => inventory.summaries.putSummary(aSummary({ ...WEB, ...RECONCILED, ...more }));

  test("keeps what only a reconcile knows when events lead to a count, and says when the last was heard", async () => {
    await put({ lastEventAt: "2026-11-21T11:00:00.000Z" });
    const { summary } = await count(NOW, { heardAt: "2026-11-21T11:59:00.000Z" });
    expect(summary).toMatchObject({ ...RECONCILED, lastEventAt: "2026-11-21T11:59:00.000Z", version: 2 });
    const late = await count(LATER, { heardAt: "2026-11-21T10:00:00.000Z" });
    expect(late.summary.lastEventAt).toBe("2026-11-21T11:59:00.000Z");
  });

  test("of a sweep that found nothing missed says since when that is so, and no error any more", async () => {
    await put();
    const { summary } = await count(LATER, { swept: { at: NOW, gap: false, gone: false } });
    expect(summary).toMatchObject({
      completeSince: RECONCILED.completeSince,
      reconciledAt: NOW.toISOString(),
      resourceTags: { team: "web" },
      asOf: LATER.toISOString(),
    });
    expect(summary).not.toHaveProperty("lastError");
    expect(summary).not.toHaveProperty("lastErrorAt");
  });

  test("of a sweep that found something missed is complete since then", async () => {
    await put();
    const swept = { at: NOW, gap: true, gone: false, resourceTags: {} };
    expect((await count(NOW, { swept })).summary).toMatchObject({
      completeSince: NOW.toISOString(),
      resourceTags: {},
    });
  });

  test("of a first sweep is complete since then", async () => {
    const { summary } = await count(NOW, { swept: { at: NOW, gap: false, gone: false } });
    expect(summary.completeSince).toBe(NOW.toISOString());
  });

  test("says since when a repository is gone, until it has images again or a sweep finds it", async () => {
    const gone = { at: NOW, gap: true, gone: true };
    expect((await count(NOW, { swept: gone })).summary.goneAt).toBe(NOW.toISOString());
    expect((await count(LATER, { swept: { ...gone, at: LATER } })).summary.goneAt).toBe(NOW.toISOString());
    expect((await count(LATER)).summary.goneAt).toBe(NOW.toISOString());
    await hold(withLayers(["a", 1]));
    expect((await count(LATER)).summary).not.toHaveProperty("goneAt");
    await count(LATER, { swept: gone });
    const found = await count(LATER, { swept: { ...gone, gone: false } });
    expect(found.summary).not.toHaveProperty("goneAt");
  });
});

describe("two that count at the same time", () => {
  test("end with the listing and the summary of the one that read last", async () => {
    await hold(withLayers(["a", 1]));
    let swept = false;
    inventory.listings.before = async () => {
      if (swept) return;
      swept = true;
      // While the slower one is about to store its listing, another image comes, and a reconcile counts it.
      await hold(withLayers(["b", 2]));
      await count(LATER, { swept: { at: LATER, gap: true, gone: false } });
    };
    const { summary } = await count(NOW, { heardAt: NOW.toISOString() });
    expect(summary).toMatchObject({
      images: 2,
      billedBytes: 3,
      version: 2,
      reconciledAt: LATER.toISOString(),
    });
    expect(await inventory.summaries.findSummary(WEB)).toEqual(summary);
    expect((await inventory.listings.findListing(WEB))?.images).toHaveLength(2);
  });

  test("neither overwrites the other's summary when the listing is stored already", async () => {
    await hold(withLayers(["a", 1]));
    let swept = false;
    inventory.journal.before = async (write) => {
      if (swept || write.kind !== "summary") return;
      swept = true;
      await hold(withLayers(["b", 2]));
      await count(LATER, { swept: { at: LATER, gap: true, gone: false } });
    };
    await count(NOW);
    expect(await inventory.summaries.findSummary(WEB)).toMatchObject({
      images: 2,
      version: 2,
      reconciledAt: LATER.toISOString(),
    });
    expect((await inventory.listings.findListing(WEB))?.images).toHaveLength(2);
  });

  test("give up after five lost races, and the message comes back", async () => {
    inventory.journal.before = async (write) => {
      if (write.kind === "summary") throw new FenceConflictError("summary");
    };
    await expect(count()).rejects.toThrow(FenceConflictError);
  });
});
