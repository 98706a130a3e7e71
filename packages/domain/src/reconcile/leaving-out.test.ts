import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import { RegistryUnavailableError } from "../registry/errors.ts";
import { giveUp, leavesOut, registryProblem } from "./leaving-out.ts";

const AT = "2026-11-21T12:00:00.000Z";
const RECORD = { ...HUB, run: "a", kind: "all", startedAt: AT, version: 1 } as const;
const gaveUp = { at: AT, repository: "prod/web", reason: "AccessDenied" };

test.each([
  ["nothing is known of the registry", undefined, undefined],
  ["the run is under way", RECORD, undefined],
  ["the run gave up", { ...RECORD, gaveUp }, /from prod\/web on: AccessDenied/],
  ["the run gave up and is over", { ...RECORD, gaveUp, completedAt: AT }, undefined],
  ["a later run is under way", { ...RECORD, run: "b" }, /later run b/],
  ["a later run gave up", { ...RECORD, run: "b", gaveUp }, /later run b/],
  ["a later run is over", { ...RECORD, run: "b", completedAt: AT }, undefined],
])("what waits when %s", (_, record, expected) => {
  const reason = leavesOut(record, "a");
  if (expected === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(expected);
});

describe("a registry in which one repository cannot be compared", () => {
  function broken(names: readonly string[], isBroken: (name: string) => boolean) {
    const registry = memoryRegistry();
    for (const name of names) registry.push(aRepository(name), { digest: aDigest(name), tags: ["1"] });
    registry.beforeRead = (read) => {
      const [operation, name = ""] = read.split(" ");
      if (operation === "listImages" && isBroken(name)) throw new RegistryUnavailableError(HUB, read);
    };
    return registry;
  }
  const named = (count: number, prefix = "team/") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  test("answers for another one: it is the repository", async () => {
    const registry = broken(["a", "b"], (name) => name === "a");
    expect(await registryProblem(registry, aRepository("a"))).toBeUndefined();
  });

  test("answers for one far away in the alphabet, though all neighbours are broken", async () => {
    const registry = broken([...named(80, "a/"), ...named(20, "z/")], (name) => name.startsWith("a/"));
    expect(await registryProblem(registry, aRepository("a/0"))).toBeUndefined();
  });

  test("lists its repositories and the images of none: it is the registry, asked five times and no more", async () => {
    const registry = broken(named(100), () => true);
    expect(await registryProblem(registry, aRepository("team/7"))).toMatch(/^team\/\d+: listImages/);
    expect(registry.reads.filter((read) => read.startsWith("listImages"))).toHaveLength(5);
    expect(registry.reads).not.toContain("listImages team/7");
  });

  test("does not even list them: it is the registry", async () => {
    const registry = broken(["a", "b"], () => false);
    registry.unavailable = true;
    expect(await registryProblem(registry, aRepository("a"))).toMatch(/^listRepositories/);
  });

  test("says that the other is gone: that is an answer", async () => {
    const registry = broken(["a", "b"], () => false);
    registry.beforeRead = (read) => {
      if (read === "listImages b") registry.deleteRepository(aRepository("b"));
    };
    expect(await registryProblem(registry, aRepository("a"))).toBeUndefined();
    expect(registry.reads).toContain("listImages b");
  });

  test("has no other: nobody waits for it", async () => {
    const registry = broken(["a"], () => true);
    expect(await registryProblem(registry, aRepository("a"))).toBeUndefined();
  });

  test("fails of something that is not the registry's: that is no answer about it", async () => {
    const registry = broken(["a", "b"], () => false);
    registry.beforeRead = () => {
      throw new TypeError("a bug");
    };
    await expect(registryProblem(registry, aRepository("a"))).rejects.toThrow("a bug");
  });
});

test.each([
  ["is under way", RECORD, true],
  ["is over", { ...RECORD, completedAt: AT }, false],
  ["has been followed by another", { ...RECORD, run: "b" }, false],
])("a run that %s", async (_, record, expected) => {
  const { registries } = memoryInventory();
  await registries.putRun(record);
  const now = new Date(AT);
  const given = { registry: HUB, run: "a", repository: "prod/web", reason: "AccessDenied", now };
  expect(await giveUp(registries, given)).toBe(expected);
  const after = await registries.findRun(HUB);
  if (expected) expect(after).toMatchObject({ gaveUp, lastError: leavesOut(after, "a"), lastErrorAt: AT });
  else expect(after).toEqual(record);
});
