import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONTENTS, contentOf, digestOf } from "./model/contents.ts";
import { EcrModel, type Effect } from "./model/ecr-model.ts";
import { type Described, ModelledRegistry } from "./model/modelled-registry.ts";
import { applyToModel, applyToRegistry, mutability, recreation, type Step, step } from "./model/steps.ts";

// Whatever is done to a repository, through whichever door, the registry and the model say the same of it.

const SEED = 20_261_122;
const SEQUENCES = process.env["SOAK"] === undefined ? 60 : 500;
const RESTORE = 20 * 60_000;
const TAGS = ["latest", "1.0", "dev-1", "dev-2"];
const ANY = { filter: { imageStatus: "ANY" } } as const;

let server: RegistryServer;
let repositories = 0;
beforeAll(async () => {
  server = await startRegistryServer({ limits: { restoreDuration: RESTORE } });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const sequence = fc.record({
  mutability,
  steps: fc.array(step, { minLength: 30, maxLength: 45, size: "max" }),
  /** Once in a while: after so many steps. */
  recreated: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.record({ at: fc.nat({ max: 25 }), step: recreation }) },
  ),
});

test("the registry does what the model does, step by step", { timeout: SEQUENCES * 10_000 }, async () => {
  const seen: ReadonlySet<Effect>[] = [];
  await fc.assert(
    fc.asyncProperty(sequence, async ({ mutability, steps, recreated }) => {
      const model = new EcrModel(RESTORE);
      const registry = new ModelledRegistry(server, `model/r${++repositories}`);
      model.mutability = mutability;
      await registry.create(mutability);
      const all = recreated === undefined ? steps : steps.toSpliced(recreated.at, 0, recreated.step);
      for (const it of all) await compareStep(model, registry, it);
      await compareViews(model, registry);
      seen.push(model.effects);
    }),
    { seed: SEED, numRuns: SEQUENCES },
  );
  // What the generator brought about: a property over sequences in which nothing happens would hold too.
  const effects: readonly Effect[] = [
    "move",
    "index",
    "referrer",
    "untag",
    "delete by tag",
    "delete by digest",
    "archive",
    "restore",
    "reactivate",
    "mutability",
    "recreate",
    "lifecycle",
    "ImageAlreadyExistsException",
    "ImageTagAlreadyExistsException",
    "LayersNotFoundException",
    "ReferencedImagesNotFoundException",
    "ImageNotFoundException",
    "ImageStorageClassUpdateNotSupportedException",
    "ImageNotFound",
    "ImageTagDoesNotMatchDigest",
    "ImageReferencedByManifestList",
  ];
  for (const effect of effects) {
    const share = seen.filter((those) => those.has(effect)).length / seen.length;
    expect(share, `sequences with "${effect}"`).toBeGreaterThanOrEqual(0.1);
  }
});

async function compareStep(model: EcrModel, registry: ModelledRegistry, it: Step): Promise<void> {
  const expected = applyToModel(model, it);
  const outcome = await applyToRegistry(registry, it);
  const byOci = it.kind === "push" && it.by === "oci";
  const wanted = byOci && expected === "ImageAlreadyExistsException" ? "ok" : expected;
  expect(outcome, JSON.stringify(it)).toBe(wanted);
  expect(sorted(await registry.describe(ANY)), `after ${JSON.stringify(it)}`).toEqual(described(model));
}

/** The other ways to look at the same. */
async function compareViews(model: EcrModel, registry: ModelledRegistry): Promise<void> {
  const all = described(model);
  expect(sorted(await registry.describe({ ...ANY, maxResults: 2 }))).toEqual(all);
  expect(sorted(await registry.describe({ maxResults: 2 }))).toEqual(
    all.filter(([, { status }]) => status === "ACTIVE"),
  );
  expect(await registry.list()).toEqual(
    all
      .flatMap(([digest, { tags }]) => (tags.length === 0 ? [digest] : tags.map((tag) => `${digest} ${tag}`)))
      .toSorted(),
  );
  for (const tag of TAGS) {
    const pulled = model.pull(tag);
    const bytes = await registry.pull(tag);
    expect(bytes?.toString(), tag).toBe(
      pulled === undefined ? undefined : contentOf(pulled).built.bytes.toString(),
    );
  }
  for (const { name } of CONTENTS) {
    const active = [...model.images.values()].filter(({ status }) => status === "ACTIVE");
    const expected = active
      .filter(({ content }) => content.subject === name)
      .map((it) => it.content.built.digest);
    expect(await registry.referrers(digestOf(name)), `referrers of ${name}`).toEqual(expected.toSorted());
  }
}

function described(model: EcrModel): readonly (readonly [string, Described])[] {
  return [...model.images.values()]
    .map(({ content, status, tags }) => {
      const subject = content.subject === undefined ? {} : { subject: digestOf(content.subject) };
      return [content.built.digest, { tags: [...tags].toSorted(), status, ...subject }] as const;
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function sorted(found: ReadonlyMap<string, Described>): readonly (readonly [string, Described])[] {
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
