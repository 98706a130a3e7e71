import { describe, expect, test } from "vitest";
import { aSummary } from "../../../../test/builders/records.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import { chooseRepositories } from "./choose-repositories.ts";

const BEFORE = "2026-11-20T12:00:00.000Z";
const AT = "2026-11-21T12:00:00.000Z";
const LATER = "2026-11-21T12:00:01.000Z";

async function chosen(
  scope: "all" | "changed",
  summary: Partial<RepositorySummary> | undefined,
  listed: boolean,
) {
  const registry = memoryRegistry();
  const inventory = memoryInventory();
  if (listed) registry.createRepository(aRepository());
  registry.createRepository(aRepository("west/only", { region: "us-west-2" }));
  if (summary) await inventory.summaries.putSummary(aSummary(summary));
  return chooseRepositories({ ...inventory, registry }, HUB, scope);
}

describe("of those that the registry has", () => {
  test.each<[string, Partial<RepositorySummary> | undefined, boolean]>([
    ["one that nobody knows", undefined, true],
    ["one that was never compared", { asOf: AT }, true],
    ["one that could not be compared", { reconciledAt: AT, asOf: AT, lastError: "throttled" }, true],
    ["one that was heard of since", { reconciledAt: AT, asOf: AT, lastEventAt: LATER }, true],
    [
      "one that was heard of in the moment when it was compared",
      { reconciledAt: AT, asOf: AT, lastEventAt: AT },
      true,
    ],
    ["one that was counted since", { reconciledAt: AT, asOf: LATER }, true],
    ["one that was heard of before", { reconciledAt: AT, asOf: AT, lastEventAt: BEFORE }, false],
    ["one that nothing was heard of", { reconciledAt: AT, asOf: AT }, false],
  ])("%s: changed %#", async (_, summary, changed) => {
    expect(await chosen("all", summary, true)).toEqual(["prod/web"]);
    expect(await chosen("changed", summary, true)).toEqual(changed ? ["prod/web"] : []);
  });
});

describe("of those that the registry no longer has", () => {
  const gone = { reconciledAt: AT, asOf: AT, goneAt: AT };
  test.each<[string, Partial<RepositorySummary>, readonly string[]]>([
    ["one whose images are to be closed is compared", { reconciledAt: AT, asOf: AT }, ["prod/web"]],
    ["one with something left to close is compared", { ...gone, images: 1, tags: 0 }, ["prod/web"]],
    ["one with nothing left is compared no more", { ...gone, images: 0, tags: 0 }, []],
    [
      "one that was heard of since is compared",
      { ...gone, images: 0, tags: 0, lastEventAt: LATER },
      ["prod/web"],
    ],
  ])("%s", async (_, summary, names) => {
    for (const scope of ["all", "changed"] as const)
      expect(await chosen(scope, summary, false)).toEqual(names);
  });
});

describe("when a run over all of them began and none has ended well since,", () => {
  test.each([
    ["what was compared before is owed, though nothing was heard of it", BEFORE, ["prod/web"]],
    ["what was compared after is not", LATER, []],
  ])("%s", async (_, reconciledAt, names) => {
    const registry = memoryRegistry();
    const inventory = memoryInventory();
    registry.createRepository(aRepository());
    await inventory.summaries.putSummary(aSummary({ reconciledAt, asOf: reconciledAt }));
    const run = { ...HUB, run: "a", kind: "changed", startedAt: LATER, version: 1 } as const;
    await inventory.registries.putRun({ ...run, owedSince: AT });
    expect(await chooseRepositories({ ...inventory, registry }, HUB, "changed")).toEqual(names);
  });
});
