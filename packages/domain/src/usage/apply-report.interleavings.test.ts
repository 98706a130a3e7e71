import { expect, test } from "vitest";
import { expectEachCrashHarmless, expectNothingLost } from "../../../../test/usage/support/interleavings.ts";

test("in every interleaving of workers, killed or not, nothing of the report in force is lost, and at last nothing else stays", async () => {
  expect(await expectNothingLost({ numRuns: 1500 })).toBeGreaterThan(1000);
});

test("what a report that was given up had found in a record is taken back, also where the next says the same as it", async () => {
  // An interleaving that kept a kind of use which nobody told of any more.
  expect(await expectNothingLost({ seed: 802_613_009, path: "1147", numRuns: 1 })).toBe(1);
});

test("a report that is killed at any of its steps leaves what was and what is to be, and the next report does the rest", async () => {
  expect(await expectEachCrashHarmless()).toBeGreaterThan(8);
});
