import { afterAll, beforeAll, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { type ScenarioName, scenarios } from "../support/iam/exercised-by.ts";
import { Ground } from "../support/iam/ground.ts";
import { runAllowed } from "../support/iam/try.ts";

// The other side of `iam-statements.test.ts`, which takes one statement away at a time.

let ground: Ground;
beforeAll(async () => {
  ground = new Ground(await Embedded.start());
});
afterAll(() => ground?.product.dispose());

test.each(Object.keys(scenarios) as ScenarioName[])(
  "with every statement in place nothing is refused on the way of: %s",
  async (name) => {
    expect(await runAllowed(ground, scenarios[name])).toEqual([]);
  },
);
