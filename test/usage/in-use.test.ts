import { expect, test } from "vitest";
import { expectEqualAnswers, expectNeededNeverUnused } from "./support/in-use-property.ts";

/** What the generator must make often enough for the property to say anything. */
const FEATURES = [
  "an index with only a platform in use",
  "a platform with only its index in use",
  "a service scaled to zero",
  "a target of a rollback",
  "a stopped task",
  "what only an event told of",
  "two accounts",
  "a suspect report",
  "a tag that moved",
  "an image in use",
  "an unused image",
  "an image of which it is not known",
];
const RUNS = 300;

test("what is in use, and where, is what an oracle of sets says, no more and no less", async () => {
  const counts = new Map(FEATURES.map((feature) => [feature, 0]));
  await expectEqualAnswers({ numRuns: RUNS }, (_, features) => {
    for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  });
  const shares = Object.fromEntries([...counts].map(([feature, count]) => [feature, count / RUNS]));
  for (const [feature, share] of Object.entries(shares))
    expect({ feature, often: share >= 0.1 }).toEqual({ feature, often: true });
}, 300_000);

test("what is needed by now, and was before the oldest report that counts, is never called unused", async () => {
  expect(await expectNeededNeverUnused({ numRuns: 200 })).toBeGreaterThan(100);
}, 300_000);
