import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadLetters } from "../chaos/support/dead-letters.ts";
import { metric, reconcile } from "../chaos/support/settle.ts";
import { Embedded } from "../support/embedded.ts";
import {
  breaches,
  differing,
  inventoryContents,
  openViolations,
  pointers,
  registryContents,
} from "../support/switches/compare.ts";
import { liveThrough, placesOf, prepareWorlds, STEPS, type World } from "../support/switches/world.ts";
import { allValues, switchesOf, TRIED_ELSEWHERE, WORLDS } from "../support/switches/worlds.ts";

// Where AWS documents nothing about ECR, the product must be right whichever way it is: at once where it hears of what
// happened, and after one reconcile in any case.

test("each value of each switch of the registry is tried", () => {
  const tried = Object.keys(WORLDS).flatMap((world) => Object.entries(switchesOf(world)));
  const missing = allValues().filter(
    ([name, value]) =>
      !TRIED_ELSEWHERE.includes(name) && !tried.some(([other, its]) => other === name && its === value),
  );
  expect(missing).toEqual([]);
});

describe.each(Object.keys(WORLDS))("in a world that is %s", (name) => {
  const switches = switchesOf(name);
  let world: World;
  let answers: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    world = found(name);
    answers = await liveThrough(product, world, switches);
  });

  test("clients get the answers that the switches say", () => {
    const said = Object.entries(STEPS).flatMap(([key, { answers: say }]) =>
      say ? [[key, say(switches)]] : [],
    );
    expect(answers).toMatchObject(Object.fromEntries(said));
  });

  test("the inventory is right by events alone, but for what nothing told of", async () => {
    const truth = await registryContents(product, world);
    for (const [key, { left }] of Object.entries(STEPS))
      if (left) expect([key, truth[key]?.source.length]).toEqual([key, left(switches)]);
    const untold = [...placesOf(world)].filter(([, { steps }]) =>
      steps.some((step) => step.told?.(switches) === false),
    );
    const heard = await inventoryContents(product, world);
    expect(differing(heard, truth)).toEqual(untold.map(([place]) => place));
  });

  test("the inventory equals the registry after one reconcile", async () => {
    await reconcile(product);
    const truth = await registryContents(product, world);
    expect(await inventoryContents(product, world)).toEqual(truth);
    expect(await openViolations(product, world)).toEqual(breaches(truth));
    for (const place of ["retag", "rollback", "moveTag", "untag", "deleteByTag", "dropRepository"]) {
      const tags = truth[place]?.source.flatMap(({ tags, digest }) => tags.map((tag) => `${tag} ${digest}`));
      expect([place, await pointers(product, world, place)]).toEqual([place, tags?.toSorted()]);
    }
  });

  test("nothing failed or was refused by IAM", async () => {
    expect(await deadLetters(product)).toBe(0);
    expect((await product.control("GET", "denials"))["denials"]).toEqual([]);
  });
});

test("another reconcile finds nothing in any of them", async () => {
  const differences = await metric(product, "DifferencesFound");
  expect(differences).toBeGreaterThan(0);
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBe(differences);
});

let product: Embedded;
let worlds: readonly World[];
beforeAll(async () => {
  product = await Embedded.start();
  worlds = await prepareWorlds(product, Object.keys(WORLDS));
}, 300_000);
afterAll(() => product?.dispose());

function found(name: string): World {
  const world = worlds.find((it) => it.name === name);
  if (world === undefined) throw new Error(`no world ${name}`);
  return world;
}
