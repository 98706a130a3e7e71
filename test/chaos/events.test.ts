import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { facts, itemWrites, writtenSince } from "../support/item-writes.ts";
import { PLACES, REGISTRIES, randomActivity } from "./support/activity.ts";
import { faults, injected } from "./support/faults.ts";
import {
  breaches,
  type Held,
  inventory,
  name,
  openViolations,
  pointers,
  registryTruth,
  remembered,
  tagsOf,
} from "./support/oracle.ts";
import { randomOf, seeds } from "./support/random.ts";
import { metric, reconcile, settle } from "./support/settle.ts";

// Mutants that these tests were seen to catch are listed in README.md beside this file.

describe("events that are dropped, duplicated and late", () => {
  let product: Embedded;
  beforeAll(async () => {
    product = await Embedded.start();
  });
  afterAll(() => product?.dispose());

  test.each(seeds(1, 60))(
    "after one reconcile the inventory equals the registries, and a second finds nothing (CHAOS_SEED=%i)",
    async (seed) => {
      await product.control("POST", "reset");
      await faults(product, { events: { drop: 0.3, duplicate: 0.3, delay: 0.4, delayMs: 2000 }, seed });
      await randomActivity(product, randomOf(seed), 36);
      await settle(product);

      const happened = await injected(product);
      for (const what of ["drop", "duplicate", "delay"])
        expect(happened(`events:${what}`)).toBeGreaterThan(0);
      await faults(product, {});
      const truth = await registryTruth(product);
      const before = await inventory(product);
      const known = await remembered(product);
      expect(before).not.toEqual(truth);

      await expectRepaired({ product, truth, before, known });
      await expectNothingLeft(product);
    },
  );

  test.each(seeds(1, 60))(
    "duplicated and late events alone need no reconcile: whoever hears one reads the registry (CHAOS_SEED=%i)",
    async (seed) => {
      await product.control("POST", "reset");
      await faults(product, { events: { duplicate: 0.5, delay: 0.6, delayMs: 2000 }, seed });
      await randomActivity(product, randomOf(seed), 36);
      await settle(product);
      for (const what of ["duplicate", "delay"])
        expect((await injected(product))(`events:${what}`)).toBeGreaterThan(0);
      const truth = await registryTruth(product);
      expect(await inventory(product)).toEqual(truth);
      expect(await pointers(product)).toEqual(tagsOf(truth));
      for (const registry of REGISTRIES)
        expect(await openViolations(product, registry)).toEqual(breaches(truth[name(registry)] ?? []));
      const found = await metric(product, "DifferencesFound");
      await reconcile(product);
      expect(await metric(product, "DifferencesFound")).toBe(found);
    },
  );
});

type Repair = {
  readonly product: Embedded;
  readonly truth: Awaited<ReturnType<typeof registryTruth>>;
  readonly before: Awaited<ReturnType<typeof inventory>>;
  readonly known: Awaited<ReturnType<typeof remembered>>;
};

async function expectRepaired({ product, truth, before, known }: Repair): Promise<void> {
  const found = await metric(product, "DifferencesFound");
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBeGreaterThan(found);
  expect(await registryTruth(product)).toEqual(truth);
  expect(await inventory(product)).toEqual(truth);
  expect(await pointers(product)).toEqual(tagsOf(truth));
  const closed = await remembered(product);
  for (const registry of REGISTRIES) {
    const held = truth[name(registry)] ?? [];
    expect(await openViolations(product, registry)).toEqual(breaches(held));
    // What was known and is gone is kept as history, and nothing else is.
    const present = new Set(held.map(label));
    const expected = [...(before[name(registry)] ?? []).map(label), ...(known[name(registry)] ?? [])];
    expect(new Set(closed[name(registry)])).toEqual(new Set(expected).difference(present));
  }
}

function label({ repository, digest }: Held): string {
  return `${repository} ${digest}`;
}

/** A repository's summary says when it was compared last: that is all a reconcile without findings writes. */
async function expectNothingLeft(product: Embedded): Promise<void> {
  const [found, writes, items] = [
    await metric(product, "DifferencesFound"),
    await itemWrites(product),
    await facts(product),
  ];
  expect(Object.keys(items).length).toBeGreaterThan(0);
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBe(found);
  expect(writtenSince(writes, await itemWrites(product))).toEqual({
    "tallyman-reconcile": PLACES.length,
  });
  expect(await facts(product)).toEqual(items);
}
