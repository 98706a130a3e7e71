import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { exercisedAsAWhole, type ScenarioName, scenarios } from "../support/iam/exercised-by.ts";
import { Ground } from "../support/iam/ground.ts";
import { showsLossOf } from "../support/iam/shows.ts";
import { type Placed, statements } from "../support/iam/statements.ts";
import { findRefusal, runAllowed } from "../support/iam/try.ts";

let ground: Ground;
beforeAll(async () => {
  ground = new Ground(await Embedded.start());
});
afterAll(() => ground?.product.dispose());

const all = statements();

function title({ kind, owner, index, actions }: Placed): string {
  return `${kind} policy of ${owner}, statement ${index} (${actions.join(", ")})`;
}

test("every statement of both stacks has a scenario that needs it, every scenario a statement", () => {
  expect(all.length).toBeGreaterThan(50);
  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(["identity", "trust", "resource"]));
  expect(all.filter((placed) => exercisedAsAWhole(placed) === undefined).map(title)).toEqual([]);
});

describe("with every statement in place", () => {
  test.each(Object.keys(scenarios) as ScenarioName[])(
    "nothing is refused on the way of: %s",
    async (name) => {
      expect(await runAllowed(ground, scenarios[name])).toEqual([]);
    },
  );
});

describe("without", () => {
  test.each(all.map((placed) => [title(placed), placed] as const))(
    "the %s, access is denied",
    async (_, placed) => {
      const name = exercisedAsAWhole(placed);
      if (name === undefined) throw new Error("no scenario needs it");
      const denial = await findRefusal(ground, {
        scenario: scenarios[name],
        swaps: placed.swaps(() => undefined),
        shows: showsLossOf(placed),
      });
      expect(placed.actions).toContain(denial.action);
      expect(denial.message).toContain(denial.action);
    },
  );
});
