import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { facts, itemWrites, writtenSince } from "../support/item-writes.ts";
import { createRepository, deleteImage, EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
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
      await randomActivity(product, randomOf(seed), 24);
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
      await randomActivity(product, randomOf(seed), 24);
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

  test("whatever a registry does unheard is found: pushed, moved, retagged, deleted by tag and by digest", async () => {
    await product.control("POST", "reset");
    await createRepository(product.url, EAST, "prod/web");
    const client = await RegistryClient.login(product.url, EAST);
    const push = (tag: string | undefined, seed: string) => client.pushImage("prod/web", tag, seed);
    const remove = (id: { imageTag: string } | { imageDigest: string }) =>
      deleteImage(product.url, EAST, { repositoryName: "prod/web", imageIds: [id] });
    const tags = ["moves", "1.0.0", "1.0.1", "1.0.2", "3.0.0", "latest"];
    for (const tag of ["moves", "1.0.0", "1.0.1", "latest"]) await push(tag, tag);
    const { digest } = await push("1.0.2", "by digest");
    await settle(product);
    const before = await inventory(product);
    expect(before).toEqual(await registryTruth(product));

    await faults(product, { events: { drop: 1 } });
    await push("moves", "a new image");
    await push("1.0.0", "1.0.1");
    await push("3.0.0", "another new image");
    await push(undefined, "without a tag");
    await remove({ imageTag: "latest" });
    await remove({ imageDigest: digest });
    await settle(product);
    await faults(product, {});
    expect(await inventory(product)).toEqual(before);

    await expectRepaired({ product, truth: await registryTruth(product), before, known: {}, tags });
    expect(await kindsFound(product)).toEqual([
      "image-gone",
      "image-missed",
      "tag-gone",
      "tag-missed",
      "tag-moved",
      "violation-closed",
      "violation-opened",
    ]);
    await expectNothingLeft(product, { repositories: 1, holding: 1 });
  });
});

async function kindsFound(product: Embedded): Promise<readonly unknown[]> {
  const entry = (await product.api.list("/audit")).find((it) => it["action"] === "inventory.repaired");
  expect(entry).toBeDefined();
  const { differences = {} } = (entry?.["details"] ?? {}) as {
    readonly differences?: Record<string, number>;
  };
  return Object.keys(differences)
    .filter((kind) => (differences[kind] ?? 0) > 0)
    .toSorted();
}

type Repair = {
  /** Which tags to look at; those of the random activity by default. */
  readonly tags?: readonly string[];
  readonly product: Embedded;
  readonly truth: Awaited<ReturnType<typeof registryTruth>>;
  readonly before: Awaited<ReturnType<typeof inventory>>;
  readonly known: Awaited<ReturnType<typeof remembered>>;
};

async function expectRepaired({ product, truth, before, known, tags }: Repair): Promise<void> {
  const found = await metric(product, "DifferencesFound");
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBeGreaterThan(found);
  expect(await registryTruth(product)).toEqual(truth);
  expect(await inventory(product)).toEqual(truth);
  expect(await pointers(product, tags)).toEqual(tagsOf(truth));
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
/** What a reconcile writes down of itself, for each registry, and once more where it has repositories. */
const RECORDS_OF_A_RUN = 4;

/** `holding`: registries with repositories. */
async function expectNothingLeft(
  product: Embedded,
  { repositories, holding }: { readonly repositories: number; readonly holding: number } = {
    repositories: PLACES.length,
    holding: REGISTRIES.length,
  },
): Promise<void> {
  const [found, writes, items] = [
    await metric(product, "DifferencesFound"),
    await itemWrites(product),
    await facts(product),
  ];
  expect(Object.keys(items).length).toBeGreaterThan(0);
  await reconcile(product);
  expect(await metric(product, "DifferencesFound")).toBe(found);
  expect(writtenSince(writes, await itemWrites(product))).toEqual({
    "tallyman-reconcile": repositories + RECORDS_OF_A_RUN * REGISTRIES.length + holding,
  });
  expect(await facts(product)).toEqual(items);
}
