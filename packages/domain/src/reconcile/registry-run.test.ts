import { beforeEach, expect, test } from "vitest";
import { aSummary } from "../../../../test/builders/records.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { giveUp } from "./leaving-out.ts";
import { noteFailure } from "./note-failure.ts";
import { beginRun, finishRun, noteRecovery, noteRunError } from "./registry-run.ts";

const at = (second: number) => new Date(Date.parse("2026-11-21T12:00:00.000Z") + second * 1000);
const iso = (second: number) => at(second).toISOString();
let inventory: MemoryInventory;

beforeEach(() => {
  inventory = memoryInventory();
});

const run = () => inventory.registries.findRun(HUB);
const begin = (name: string, second: number, repositories = 1) =>
  beginRun(inventory, { registry: HUB, run: name, scope: "all", now: at(second), repositories });
const finish = (name: string, second: number) =>
  finishRun(inventory, { registry: HUB, run: name, now: at(second) });
const fail = (second: number) =>
  noteFailure(inventory.summaries, aRepository(), { reason: "AccessDenied", now: at(second) });

test("a run begins, ends, and adds the registry up", async () => {
  await begin("a", 0);
  expect(await run()).toMatchObject({ run: "a", kind: "all", listedAt: iso(0), repositories: 1 });
  await inventory.summaries.putSummary(aSummary({ images: 3 }));
  expect(await finish("a", 9)).toEqual({ failed: 0 });
  expect(await run()).toMatchObject({ completedAt: iso(9), lastCompletedAt: iso(9) });
  expect(await inventory.registries.findTotals(HUB)).toMatchObject({ images: 3, repositories: 1 });
  expect(await inventory.runs.findRun("a")).toMatchObject({
    listed: [{ repositories: 1 }],
    ended: [{ failed: 0 }],
  });
});

test("a run with a repository in error ends, and the registry stays as it was last known well", async () => {
  await begin("a", 0);
  await finish("a", 1);
  await begin("b", 10);
  await fail(11);
  expect(await finish("b", 12)).toMatchObject({ failed: 1 });
  expect(await run()).toMatchObject({
    completedAt: iso(12),
    lastCompletedAt: iso(1),
    lastError: "1 repository could not be compared: prod/web: AccessDenied",
  });
});

test("what failed is said until a run ends well, whatever begins meanwhile", async () => {
  await noteRunError(inventory, { registry: HUB, run: "a", scope: "all", now: at(0), reason: "no answer" });
  expect(await run()).toMatchObject({ run: "a", lastError: "no answer", lastErrorAt: iso(0) });
  expect((await run())?.listedAt).toBeUndefined();
  await begin("b", 10);
  expect(await run()).toMatchObject({ run: "b", listedAt: iso(10), lastError: "no answer" });
  await finish("b", 11);
  expect((await run())?.lastError).toBeUndefined();
});

test("a repository in error that is compared after its run makes the registry well, if it was the last", async () => {
  await begin("a", 0);
  await fail(1);
  await inventory.summaries.putSummary(aSummary({ repository: "team/app", lastError: "throttled" }));
  await finish("a", 2);
  const well = async (repository: string) => {
    const { lastError: _, lastErrorAt: __, ...summary } = aSummary({ repository });
    const before = await inventory.summaries.findSummary(summary);
    await inventory.summaries.putSummary({ ...summary, version: (before?.version ?? 0) + 1 });
  };
  await well("prod/web");
  await noteRecovery(inventory, { registry: HUB, now: at(3) });
  expect((await run())?.lastError).toBeDefined();
  await well("team/app");
  await noteRecovery(inventory, { registry: HUB, now: at(4) });
  expect(await run()).toMatchObject({ lastCompletedAt: iso(4) });
  expect((await run())?.lastError).toBeUndefined();
});

test("a run that is listed again, after it gave up and ended, begins anew", async () => {
  await begin("a", 0);
  await giveUp(inventory.registries, { registry: HUB, run: "a", repository: "x", reason: "no", now: at(1) });
  await finish("a", 2);
  expect(await run()).toMatchObject({ completedAt: iso(2), gaveUp: { repository: "x" }, owedSince: iso(0) });
  await begin("a", 5);
  expect(await run()).not.toHaveProperty("gaveUp");
  expect(await run()).not.toHaveProperty("completedAt");
});

test("nothing compared adds nothing up again", async () => {
  await begin("a", 0);
  await finish("a", 1);
  await begin("b", 10, 0);
  await finish("b", 11);
  expect(await inventory.registries.findTotals(HUB)).toMatchObject({ asOf: iso(1), version: 1 });
});

test("the end of a run that is not the last one changes nothing but its own log", async () => {
  await begin("a", 0);
  await begin("b", 10);
  await finish("a", 11);
  expect((await run())?.completedAt).toBeUndefined();
  expect((await inventory.runs.findRun("a"))?.ended).toHaveLength(1);
});

test("messages that come again write the log once", async () => {
  await begin("a", 0);
  await begin("a", 5);
  await finish("a", 6);
  await finish("a", 7);
  expect(await inventory.runs.findRun("a")).toMatchObject({
    listed: [{ at: iso(0) }],
    ended: [{ at: iso(6) }],
  });
});
