import { gzipSync } from "node:zlib";
import { UnreadableEvidenceError } from "@tallyman/domain/usage/errors";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import { BucketError, type ErasableBucket } from "./bucket.ts";
import { s3CollectionStore } from "./collection-store.ts";
import { s3ConsumersStore } from "./consumers-store.ts";
import { keyPart } from "./evidence-object.ts";
import { s3SnapshotStore } from "./snapshot-store.ts";

const AT = "2026-11-22T06:00:00.000Z";
const SNAPSHOT = {
  source: "ecs",
  scope: "111122223333/us-east-1",
  sequence: 3,
  account: HUB.account,
  observedAt: AT,
  receivedAt: AT,
  items: [],
};
const KEY = "usage/snapshots/ecs/111122223333_002fus-east-1/3.json.gz";

let objects: Map<string, Uint8Array>;
let bucket: ErasableBucket;
beforeEach(() => {
  objects = new Map();
  bucket = {
    get: async (key) => objects.get(key) ?? new Uint8Array(),
    find: async (key) => objects.get(key),
    put: async (key, _type, bytes) => void objects.set(key, bytes),
    putNew: async (key, _type, bytes) => !objects.has(key) && Boolean(objects.set(key, bytes)),
    erase: async (key) => void objects.delete(key),
  };
});

test("a report is one object of its source, scope and number", async () => {
  await s3SnapshotStore(bucket).putSnapshot(SNAPSHOT);
  expect([...objects.keys()]).toEqual([KEY]);
});

describe("evidence that is", () => {
  const packed = (document: unknown) => gzipSync(JSON.stringify(document));
  test.each<[string, Uint8Array]>([
    ["cut short", packed({ schemaVersion: 1, ...SNAPSHOT }).subarray(0, 40)],
    ["not compressed", Buffer.from("{}")],
    ["not JSON", gzipSync("{")],
    ["no document", packed(null)],
    ["without what it must have", packed({ schemaVersion: 1, ...SNAPSHOT, items: undefined })],
    ["without a version", packed(SNAPSHOT)],
    ["of a newer version", packed({ schemaVersion: 2, ...SNAPSHOT })],
    [
      "a bomb",
      gzipSync(`${JSON.stringify({ schemaVersion: 1, ...SNAPSHOT })}${" ".repeat(129 * 1024 * 1024)}`),
    ],
  ])("%s is unreadable, and said so", async (_, bytes) => {
    const { source, scope } = SNAPSHOT;
    objects.set(KEY, bytes);
    const store = s3SnapshotStore(bucket);
    await expect(store.findSnapshot(source, scope, 3)).rejects.toThrow(UnreadableEvidenceError);
    await expect(store.putSnapshot(SNAPSHOT)).rejects.toThrow(UnreadableEvidenceError);
    expect(objects.get(KEY)).toBe(bytes);
  });
});

test("a bucket that does not answer is an error, not a registry without consumers", async () => {
  const closed = { ...bucket, find: () => Promise.reject(new BucketError("GET x was answered 403")) };
  await expect(s3ConsumersStore(closed).findConsumers(HUB)).rejects.toThrow(BucketError);
});

test("no two names share a part of a key, and none leaves its folder", () => {
  const name = fc.string({ unit: fc.constantFrom(..."aA_02f/. *%=#é"), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(keyPart(a)).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(keyPart(a) === keyPart(b)).toBe(a === b);
    }),
  );
});

describe("what is being collected", () => {
  const item: UsageItem = { image: "nginx", kind: "running", account: HUB.account, service: "service/web" };
  const part = (number: number) => ({ ...HUB, source: "ecs", run: "run/1 a", part: number });
  const some = { items: [item], policies: { "prod/web": ["*"] } };

  test("comes back as it was, part by part, and a part may be written again", async () => {
    const store = s3CollectionStore(bucket);
    expect(await store.findCollected(part(1))).toBeUndefined();
    await store.putCollected(part(1), { items: [], policies: {} });
    await store.putCollected(part(1), some);
    await store.putCollected(part(2), { items: [], policies: {} });
    expect(await store.findCollected(part(1))).toEqual(some);
    expect(await store.findCollected({ ...part(1), source: "lambda" })).toBeUndefined();
    expect(await store.findCollected({ ...part(1), run: "run/2" })).toBeUndefined();
  });

  test("is thrown away with all its parts when it is through, and nothing else is", async () => {
    const store = s3CollectionStore(bucket);
    for (const number of [1, 2, 3]) await store.putCollected(part(number), some);
    await store.putCollected({ ...part(1), run: "other" }, some);
    await store.dropCollected(part(3));
    await store.dropCollected(part(3));
    expect([...objects.keys()]).toEqual(["usage/partial/111122223333/us-east-1/ecs/other/1.json.gz"]);
  });
});
