import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aSummary } from "../../../../test/builders/records.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import { totalsOf } from "./totals-of.ts";

const NOW = new Date("2026-11-21T12:00:00.000Z");
let inventory: MemoryInventory;
beforeEach(() => {
  inventory = memoryInventory();
});

async function put(
  repository: string,
  more: Partial<RepositorySummary>,
  layers: Record<string, number> = {},
) {
  const where = aRepository(repository, { region: more.region ?? HUB.region });
  await inventory.summaries.putSummary(aSummary({ ...where, ...more }));
  const listed = Object.entries(layers).map(([name, size]) => ({ digest: aDigest(name), size }));
  await inventory.listings.putListing({ ...where, asOf: NOW.toISOString(), images: [], layers: listed });
}

test("a registry's totals add its repositories up, and say what several of them hold", async () => {
  const web = {
    billedBytes: 101,
    archivedBytes: 1,
    images: 2,
    tags: 3,
    resourceTags: { team: "web", tier: "1" },
  };
  await put("prod/web", web, { base: 100, web: 1 });
  const api = { billedBytes: 102, imagesOfUnknownSize: 4, openViolations: 5, resourceTags: { team: "web" } };
  await put("prod/api", api, { base: 100, api: 2 });
  await put("dev/new", { images: 0, tags: 0 });
  expect(await totalsOf(inventory, { registry: HUB, now: NOW })).toEqual({
    ...HUB,
    asOf: NOW.toISOString(),
    repositories: 3,
    images: 3,
    tags: 4,
    openViolations: 5,
    billedBytes: 203,
    archivedBytes: 1,
    sharedBytes: 100,
    imagesOfUnknownSize: 4,
    byResourceTag: {
      "team=web": { repositories: 2, images: 3, billedBytes: 203, archivedBytes: 1 },
      "tier=1": { repositories: 1, images: 2, billedBytes: 101, archivedBytes: 1 },
    },
  });
});

test("repositories that are gone, and those of other registries, count for nothing", async () => {
  await put("prod/gone", { billedBytes: 100, goneAt: NOW.toISOString() }, { base: 100 });
  await put("prod/web", { billedBytes: 100, region: "us-west-2" }, { base: 100 });
  expect(await totalsOf(inventory, { registry: HUB, now: NOW })).toMatchObject({
    repositories: 0,
    billedBytes: 0,
    sharedBytes: 0,
  });
});

test("a repository without a listing is counted by its summary", async () => {
  await inventory.summaries.putSummary(aSummary({ billedBytes: 100 }));
  expect(await totalsOf(inventory, { registry: HUB, now: NOW })).toMatchObject({
    billedBytes: 100,
    sharedBytes: 0,
  });
});
