import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import {
  auditKey,
  forgottenAt,
  historyExpiry,
  historyKey,
  imageKey,
  noticeExpiry,
  SHARDS,
  shardOf,
  tagKey,
  usageKey,
} from "./layout.ts";

test("a key stays in its shard for ever: others look for it there", () => {
  expect(["", "a", "brake#1", aDigest("image")].map(shardOf)).toEqual(["8", "e", "1", "d"]);
});

test("shards share the load", () => {
  const counts = new Map(SHARDS.map((shard) => [shard, 0]));
  for (let i = 0; i < 16_000; i++) {
    const shard = shardOf(`111122223333#us-east-1#prod/web#${aDigest(String(i))}#1.${i}`);
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect(counts.size).toBe(16);
  for (const count of counts.values()) expect(count).toBeGreaterThan(700);
});

test("every key falls into one of the shards", async () => {
  await fc.assert(
    fc.property(fc.string(), (key) => {
      expect(SHARDS).toContain(shardOf(key));
    }),
  );
});

test("versions of a tag sort as numbers do", async () => {
  const sk = (version: number) => historyKey(aRepository(), "latest", version).sk;
  const version = fc.integer({ min: 1, max: 9_999_999_999 });
  await fc.assert(
    fc.property(version, version, (a, b) => {
      expect(sk(a) < sk(b)).toBe(a < b);
    }),
  );
});

test("images and tags of a repository lie together, of another apart", () => {
  expect(imageKey(aRepository(), aDigest("a")).pk).toBe(tagKey(aRepository(), "1").pk);
  expect(imageKey(aRepository("prod/web2"), aDigest("a")).pk).not.toBe(
    imageKey(aRepository(), aDigest("a")).pk,
  );
  expect(historyKey(aRepository(), "1", 1).pk).toBe("R#111122223333#us-east-1#prod/web#H");
});

test("the uses of a digest and of a tag lie in partitions of their own", () => {
  const use = { source: "ecs", scope: "a/b", account: "111122223333", cluster: "", service: "service/web" };
  expect(usageKey({ ...use, subject: { digest: aDigest("a") } })).toEqual({
    pk: `U#${aDigest("a")}`,
    sk: "ecs#a/b#111122223333##service/web",
  });
  const tagged = usageKey({ ...use, subject: { repository: aRepository(), tag: "latest" } });
  expect(tagged.pk).toBe("U#T#111122223333#us-east-1#prod/web#latest");
});

test("a use goes when it may be forgotten, and one that may not be stays", () => {
  expect(forgottenAt({ forgetAt: "2026-11-22T00:00:00.999Z" })).toEqual({ expiresAt: 1_795_305_600 });
  expect(forgottenAt({})).toEqual({});
});

test("an audit entry lies under its UTC day", () => {
  expect(auditKey({ at: "2026-11-21T23:59:59.999Z", sequence: 0, id: "x" }).pk).toMatch(
    /^A#2026-11-21#[0-9a-f]$/,
  );
});

test("of entries that share their time the intent sorts before its outcome, whatever they are called", () => {
  const at = "2026-11-21T23:59:59.999Z";
  const sk = (sequence: number, id: string) => auditKey({ at, sequence, id }).sk;
  expect(sk(0, "brake.set-requested#1") < sk(1, "brake.set#1")).toBe(true);
  expect(sk(9, "b") < sk(10, "a")).toBe(true);
});

test("history is kept for two years, a notice's mark for 100 days, in epoch seconds", () => {
  const at = "2026-11-21T00:00:00.999Z";
  const seconds = Math.floor(Date.parse(at) / 1000);
  expect(historyExpiry(at) - seconds).toBe(0);
  expect(noticeExpiry(at) - seconds).toBe(100 * 86_400);
});
