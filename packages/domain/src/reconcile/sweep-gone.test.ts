import { recordImage } from "@tallyman/domain/inventory/record-image";
import { reconcileRepository } from "@tallyman/domain/reconcile/reconcile-repository";
import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryListings } from "../../../../test/fakes/memory-listings.ts";
import { type MemoryRegistry, memoryRegistry } from "../../../../test/fakes/memory-registry.ts";

const web = aRepository("prod/web");
const NOW = new Date("2026-11-21T12:00:00.000Z");
const IMAGES = 300;
const digests = Array.from({ length: IMAGES }, (_, i) => aDigest(`image ${i}`));

let registry: MemoryRegistry;
let inventory: MemoryInventory;

beforeEach(async () => {
  registry = memoryRegistry();
  inventory = memoryInventory();
  for (const [i, digest] of digests.entries()) await push(digest, `1.0.${i}`);
});

function deps() {
  return {
    ...inventory,
    registry,
    manifestReader: registry,
    resourceTags: registry,
    listings: memoryListings(),
  };
}

async function push(digest: string, tag: string) {
  registry.push(web, { digest, tags: [tag] });
  const event = `${digest} ${tag}`;
  const request = { repository: web, cause: "push", event, rules: [], keepDays: 730, now: NOW } as const;
  await recordImage(deps(), { ...request, subject: { digest, tag } });
}

function reconcile(told?: "repository-delete") {
  const request = { repository: web, rules: [], keepDays: 730, run: "run", now: NOW };
  return reconcileRepository(deps(), { ...request, ...(told && { told }) });
}

describe("a repository that is gone", () => {
  beforeEach(() => {
    registry.deleteRepository(web);
    registry.reads.length = 0;
  });

  test("takes each image and tag with it, which say so", async () => {
    await reconcile();
    expect(await inventory.images.findImage(web, digests[7] ?? "")).toMatchObject({
      state: "closed",
      cause: "repository-delete",
    });
    expect(await inventory.tags.findTag(web, "1.0.7")).toMatchObject({
      digest: null,
      cause: "repository-delete",
    });
    expect(await Array.fromAsync(inventory.images.listImages(web))).toEqual([]);
  });

  test("is asked about a few times, not for each of its images", async () => {
    // An answer takes longer than what waits for it.
    registry.beforeRead = () => new Promise((resolve) => setImmediate(resolve));
    await reconcile();
    expect(registry.reads.length).toBeGreaterThan(2);
    // Three questions each: of the image, of the image once more, of its tag.
    expect(registry.reads.length).toBeLessThan((3 * IMAGES) / 20);
    expect(registry.reads.filter((read) => read.startsWith("findImage"))).toEqual([]);
  });

  test("is no difference where an event told of it, and one where none did", async () => {
    const before = inventory.journal.writes.length;
    const { differences } = await reconcile("repository-delete");
    expect(Object.values(differences).filter((count) => count > 0)).toEqual([]);
    const kinds = new Set(inventory.journal.writes.slice(before).map(({ kind }) => kind));
    expect(kinds).not.toContain("audit");
    expect(await Array.fromAsync(inventory.images.listImages(web))).toEqual([]);

    await push(digests[0] ?? "", "1.0.0");
    registry.deleteRepository(web);
    expect((await reconcile()).differences).toMatchObject({ "image-gone": 1, "tag-gone": 1 });
  });

  test("and comes back while its records are closed keeps what was pushed meanwhile", async () => {
    let writes = 0;
    const kept = digests[IMAGES - 1] ?? "";
    inventory.journal.before = async () => {
      writes += 1;
      if (writes !== 100) return;
      inventory.journal.before = undefined;
      await push(kept, "again");
    };
    await reconcile("repository-delete");
    expect(await Array.fromAsync(inventory.images.listImages(web))).toMatchObject([{ digest: kept }]);
    expect(await inventory.tags.findTag(web, "again")).toMatchObject({ digest: kept });
    expect(await inventory.tags.findTag(web, "1.0.5")).toMatchObject({ digest: null });
  });
});

test("what an event told is still compared where the repository is there again", async () => {
  registry.deleteImage(web, digests[3] ?? "");
  const { differences } = await reconcile("repository-delete");
  expect(differences).toMatchObject({ "image-gone": 1, "tag-gone": 1 });
  expect(await inventory.images.findImage(web, digests[3] ?? "")).toMatchObject({ cause: "reconcile" });
});
