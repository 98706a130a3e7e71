import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import type { Item, Table } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import type { Image } from "@tallyman/domain/image/image";
import type { RegistryReader } from "@tallyman/domain/image/ports";
import { TaggingRule } from "@tallyman/domain/policy/policy";
import { reconcileRepository } from "@tallyman/domain/reconcile/reconcile-repository";
import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anImage, aRepository } from "../builders/registry.ts";
import { memoryListings } from "../fakes/memory-listings.ts";

// Where the writes of a first reconcile go: every image is new, and every tag breaks a rule.

const IMAGES = Number(process.env["IMAGES"] ?? 100_000);
const REPOSITORIES = 200;
const RULES = [TaggingRule.parse({ name: "no-tags", repositories: ["**"], deny: [{ glob: "**" }] })];
const NOW = new Date("2026-11-21T12:00:00.000Z");

type Spread = { writes: number; readonly keys: Map<string, number> };

/** A table that only counts: how often each partition key, of itself and of its indexes, was written. */
function countingTable(): { table: Table; spread: Readonly<Record<"pk" | "gsi1pk" | "gsi2pk", Spread>> } {
  const spread = { pk: none(), gsi1pk: none(), gsi2pk: none() };
  const count = (item: Item) => {
    for (const name of ["pk", "gsi1pk", "gsi2pk"] as const) {
      const key = item[name];
      if (typeof key !== "string") continue;
      spread[name].writes++;
      spread[name].keys.set(key, (spread[name].keys.get(key) ?? 0) + 1);
    }
  };
  const table: Table = {
    get: async () => undefined,
    async *getMany() {},
    putFenced: async (item) => count(item),
    async putNew(item) {
      count(item);
      return true;
    },
    async *query() {},
    queryPage: async () => ({ found: [] }),
  };
  return { table, spread };
}

function none(): Spread {
  return { writes: 0, keys: new Map() };
}

/** So many images in each repository, each with one tag; nothing is kept. */
function syntheticRegistry(images: number): RegistryReader {
  return {
    async *listRepositories() {},
    async *listImages({ repository }): AsyncIterable<Image> {
      for (let i = 0; i < images; i++)
        yield anImage({ digest: aDigest(`${repository} ${i}`), tags: [`build-${i}`] });
    },
    findImage: async () => undefined,
  };
}

test("a first reconcile puts no more than an eighth of its writes on one partition key", async () => {
  const { table, spread } = countingTable();
  const deps = {
    images: dynamoImageStore(table),
    // A pointer that was just written is looked at again, and is as it was written.
    tags: { ...dynamoTagStore(table), findTag: async (of, tag) => pointerAt(of, tag) },
    violations: dynamoViolationStore(table),
    manifests: dynamoManifestStore(table, {
      putBody: async () => {},
      getBody: () => Promise.reject(new Error("nothing is stored")),
    }),
    summaries: dynamoSummaryStore(table),
    audit: dynamoAuditTrail(table),
    listings: memoryListings(),
    registry: syntheticRegistry(IMAGES / REPOSITORIES),
    manifestReader: { readManifest: async () => ({ unread: "exclusion-missing" as const }) },
    resourceTags: { resourceTags: async () => ({}) },
  } satisfies Parameters<typeof reconcileRepository>[0];
  for (let n = 0; n < REPOSITORIES; n++) {
    const repository = aRepository(`team-${n % 20}/app-${n}`);
    const request = { repository, rules: RULES, keepDays: 730, run: "first", now: NOW };
    const { differences } = await reconcileRepository(deps, request);
    expect(differences["violation-opened"]).toBe(IMAGES / REPOSITORIES);
  }
  expect(spread.pk.writes).toBeGreaterThanOrEqual(3 * IMAGES);
  for (const [name, { writes, keys }] of Object.entries(spread)) {
    const most = Math.max(...keys.values());
    expect({ name, share: most / writes <= 1 / 8 }).toEqual({ name, share: true });
  }
  // Of what is open, too: all of it lies in the sixteen shards of one list.
  const open = [...spread.gsi2pk.keys].filter(([key]) => key.startsWith("OPEN#"));
  const total = open.reduce((sum, [, count]) => sum + count, 0);
  expect(total).toBe(IMAGES);
  expect(Math.max(...open.map(([, count]) => count)) / total).toBeLessThanOrEqual(1 / 8);
});

function pointerAt(of: Parameters<ReturnType<typeof dynamoTagStore>["findTag"]>[0], tag: string) {
  return { ...of, tag, digest: null, since: NOW.toISOString(), cause: "reconcile" as const, version: 1 };
}
