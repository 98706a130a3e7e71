import { expect, test } from "vitest";
import { expectEachCrashHarmless, expectNothingLost } from "../../../../test/usage/support/interleavings.ts";

/** It found that what a report said which was given up, and had found an older one's words in the record, was never taken back. */
const FOUND_ONCE = 802_613_009;

test.each([{}, { seed: FOUND_ONCE }])(
  "in every interleaving of workers, killed or not, nothing of the report in force is lost, and at last nothing else stays (%j)",
  async (from) => {
    expect(await expectNothingLost({ numRuns: 1500, ...from })).toBeGreaterThan(1000);
  },
);

test("a report that is killed at any of its steps leaves what was and what is to be, and the next report does the rest", async () => {
  expect(await expectEachCrashHarmless()).toBeGreaterThan(8);
});
