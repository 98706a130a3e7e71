import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MUTANTS } from "./mutants/mutants.ts";
import { dropScratch, mutated, newScratch } from "./mutants/scratch.ts";
import type * as InUse from "./support/in-use-property.ts";
import type * as Interleavings from "./support/interleavings.ts";

/** Many more than it takes to find any of them; the same ones every time. */
const RUNS = { numRuns: 400, seed: 20_261_122 };

let scratch: string;
beforeAll(() => {
  scratch = newScratch();
});
afterAll(() => dropScratch(scratch));

const PROPERTIES = {
  async "in-use"(copy: string) {
    const { expectEqualAnswers }: typeof InUse = await import(
      join(copy, "test/usage/support/in-use-property.ts")
    );
    await expectEqualAnswers(RUNS);
  },
  async interleavings(copy: string) {
    const { expectNothingLost }: typeof Interleavings = await import(
      join(copy, "test/usage/support/interleavings.ts")
    );
    await expectNothingLost({ ...RUNS, numRuns: 1500 });
  },
};

test.each(MUTANTS.map((mutant, i) => ({ ...mutant, mutant, i })))(
  "it is noticed when $name",
  async ({ mutant, i, caughtBy }) => {
    const copy = mutated(scratch, mutant, `${basename(scratch)}-${i}`);
    try {
      await expect(PROPERTIES[caughtBy](copy)).rejects.toThrow("Property failed");
    } finally {
      dropScratch(copy);
    }
  },
);

test("nothing is noticed where nothing is broken", async () => {
  await PROPERTIES["in-use"](scratch);
});
