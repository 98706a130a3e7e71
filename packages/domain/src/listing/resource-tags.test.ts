import { expect, test } from "vitest";
import { aSummary } from "../../../../test/builders/records.ts";
import { hasTagKey, resourceTagTally, tagName } from "./resource-tags.ts";

const tally = (tags: readonly Record<string, string>[]) => {
  const it = resourceTagTally();
  for (const resourceTags of tags) it.add(aSummary({ images: 2, billedBytes: 5, resourceTags }));
  return it.sum();
};

test("a key that has an equals sign is not taken for a shorter one", () => {
  const { byResourceTag } = tally([{ a: "b=c", "a=b": "c" }]);
  const names = Object.keys(byResourceTag);
  expect(names).toHaveLength(2);
  expect(names.filter((name) => hasTagKey(name, "a"))).toEqual([tagName("a", "b=c")]);
  expect(names.filter((name) => hasTagKey(name, "a=b"))).toEqual([tagName("a=b", "c")]);
});

test("a key that names each of ten thousand repositories is left out, what groups them is not, and all fits into an item", () => {
  const repositories = Array.from({ length: 10_000 }, (_, i) => ({
    "aws:cloudformation:stack-id": `arn:aws:cloudformation:us-east-1:111122223333:stack/web-${i}/${"é".repeat(60)}`,
    team: `team-${i % 300}`,
    stage: "prod",
  }));
  const { byResourceTag, tagKeysLeftOut } = tally(repositories);
  expect(tagKeysLeftOut).toEqual(["aws:cloudformation:stack-id"]);
  expect(Object.keys(byResourceTag)).toHaveLength(301);
  expect(byResourceTag["stage=prod"]).toEqual({
    repositories: 10_000,
    images: 20_000,
    billedBytes: 50_000,
    archivedBytes: 0,
  });
});

test("keys that are many, too, fit into an item", () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => ({ [`${"k".repeat(120)}${i}`]: "v".repeat(256) }));
  const totals = tally(keys);
  expect(Buffer.byteLength(JSON.stringify(totals))).toBeLessThan(380_000);
  expect(totals.tagKeysLeftOut).toHaveLength(100);
});
