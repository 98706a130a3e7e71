import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plans } from "./history/plan.ts";
import { type CalmHistory, runCalmHistory } from "./history/run-history.ts";
import { startTables, type Tables } from "./history/tables.ts";
import { ALL_OFF, ALL_ON, UNHEARD } from "./history/unheard.ts";
import type { WorldOptions } from "./history/world.ts";
import { seeds } from "./support/random.ts";

describe("by events alone", () => {
  // Among the few, everything that can go unheard does.
  const chosen = seeds(0, 40);
  const SEEDS = chosen.length > 0 ? chosen : [4, 16, 17];
  const reasons = new Set<string>();
  let tables: Tables;
  beforeAll(() => {
    tables = startTables();
  });
  afterAll(() => tables.stop());

  async function run(seed: number, options: WorldOptions, check: (history: CalmHistory) => void) {
    const property = fc.asyncProperty(plans(60), async (plan) =>
      check(await runCalmHistory(tables, plan, options)),
    );
    await fc.assert(property, { seed, numRuns: 1, endOnFailure: true, includeErrorInReport: true });
  }

  test.each(SEEDS)(
    "with every switch on the inventory equals the registries in all but pull times (CHAOS_SEED=%i)",
    (seed) =>
      run(seed, { switches: ALL_ON }, (history) => {
        expect(history.untold.join("\n")).toBe("");
        expect(history.problems.join("\n")).toBe("");
      }),
  );

  test.each(SEEDS)(
    "with every switch off it differs in exactly what is listed, and one reconcile empties that (CHAOS_SEED=%i)",
    (seed) =>
      run(seed, { switches: ALL_OFF, trail: false }, (history) => {
        expect(history.unexpected.join("\n")).toBe("");
        expect(history.untold).not.toEqual([]);
        expect(history.problems.join("\n")).toBe("");
        for (const reason of history.reasons) reasons.add(reason);
      }),
  );

  test.skipIf(SEEDS.length === 1)("everything that is listed went unheard, and the manual lists it", () => {
    expect([...reasons].toSorted()).toEqual(Object.keys(UNHEARD).toSorted());
    const manual = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
    const [, section = ""] = manual.split("## What events do not tell");
    const listed = [...(section.split("\n## ")[0] ?? "").matchAll(/^- (.+)$/gm)].map(([, line]) => line);
    expect(listed.map((line) => line?.split(" (")[0])).toEqual(Object.values(UNHEARD));
  });
});
