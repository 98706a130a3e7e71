import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAULTS } from "./history/chance.ts";
import { OPERATIONS, plans } from "./history/plan.ts";
import { type History, runHistory } from "./history/run-history.ts";
import { startTables, type Tables } from "./history/tables.ts";
import { seeds } from "./support/random.ts";

describe("a history of pushes, retags, deletions, archiving, lifecycle runs and copies, in a storm", () => {
  const SEEDS = seeds(25, 200);
  const histories: History[] = [];
  let tables: Tables;
  beforeAll(() => {
    tables = startTables();
  });
  afterAll(() => tables.stop());

  test.each(SEEDS)(
    "after one reconcile the inventory equals the registries, and its past is what was (CHAOS_SEED=%i)",
    async (seed) => {
      const property = fc.asyncProperty(plans(60), async (plan) => {
        const history = await runHistory(tables, plan);
        histories.push(history);
        // fast-check shows a whole message, and of an assertion the first words.
        if (history.problems.length > 0) throw new Error(history.problems.join("\n"));
      });
      // A history takes seconds, and one without an operation is another one altogether: shrinking says little.
      await fc.assert(property, { seed, numRuns: 1, endOnFailure: true, includeErrorInReport: true });
    },
  );

  test("a seed repeats its history, call by call", async () => {
    const [plan] = fc.sample(plans(60), { seed: 5, numRuns: 1 });
    if (!plan) throw new Error("no plan");
    const [first, second] = [await runHistory(tables, plan), await runHistory(tables, plan)];
    expect(first.log.length).toBeGreaterThan(3000);
    // Images that are copied while others are pushed beside them, and what a reconcile says of its repairs.
    for (const told of ["push index", "replicate", "inventory.repaired"])
      expect(first.log.some((line) => line.includes(told))).toBe(true);
    expect(second.log).toEqual(first.log);
  });

  test.skipIf(SEEDS.length === 1)(
    "every operation and every fault happened in a fifth of the histories",
    () => {
      expect(histories.length).toBe(SEEDS.length);
      const rare = [...OPERATIONS, ...FAULTS].filter(
        (what) => histories.filter(({ happened }) => happened.has(what)).length < SEEDS.length / 5,
      );
      expect(rare).toEqual([]);
    },
  );
});
