import type { Denial, Ground, Scenario } from "./ground.ts";

/** Runs a scenario with every permission in place; returns what was refused all the same. */
export async function runAllowed(ground: Ground, scenario: Scenario): Promise<readonly Denial[]> {
  await prepare(ground, scenario);
  await ground.product.control("POST", "recycle");
  await scenario.act(ground);
  await ground.product.until("its good end", () => isDone(ground, scenario));
  return ground.denials();
}

export type Trial = {
  readonly scenario: Scenario;
  /** Bodies of `POST /_embedded/policy`. */
  readonly swaps: readonly object[];
  /** The refusal that shows that what the swaps took away is needed. */
  readonly shows: (denial: Denial) => boolean;
};

/**
 * Runs a scenario with a permission taken away and waits for the refusal; throws when the scenario comes to its good end
 * without one, or to no end.
 */
export async function findRefusal(ground: Ground, { scenario, swaps, shows }: Trial): Promise<Denial> {
  await prepare(ground, scenario);
  for (const swap of swaps) await ground.swap(swap);
  await ground.product.control("POST", "recycle");
  // What the refusal does to the caller is not looked at here: a 403, a 500, a message that comes back.
  await scenario.act(ground).catch(() => undefined);
  return ground.product.until("a refusal, or a good end without one", async () => {
    const found = (await ground.denials()).find(shows);
    if (found) return found;
    // Asked in this order: looking whether it is done starts a function, and most refusals come before there is need to.
    if (!(await ground.isIdle()) || !(await isDone(ground, scenario))) return undefined;
    if (!(await ground.isIdle())) return undefined;
    const late = (await ground.denials()).find(shows);
    if (late) return late;
    throw new Error("Nothing was refused that shows it");
  });
}

async function prepare(ground: Ground, scenario: Scenario): Promise<void> {
  await ground.begin();
  await scenario.setUp?.(ground);
  await ground.beginTrial(scenario);
}

async function isDone(ground: Ground, scenario: Scenario): Promise<boolean> {
  try {
    return await scenario.isDone(ground);
  } catch {
    return false;
  }
}
