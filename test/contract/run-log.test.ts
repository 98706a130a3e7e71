import { expect, test } from "vitest";
import { HUB } from "../builders/registry.ts";
import { describeInventories } from "./inventories.ts";

const WEST = { ...HUB, region: "us-west-2" };
const AT = "2026-11-21T12:00:00.000Z";
const LATER = "2026-11-21T13:00:00.000Z";
const asked = { run: "asked-1", by: "arn:aws:iam::111122223333:user/test", at: AT, registries: [HUB, WEST] };

describeInventories((inventory) => {
  test("a run that nobody knows is not there", async () => {
    expect(await inventory().runs.findRun("asked-1")).toBeUndefined();
  });

  test("a run is read as it was written, registry by registry, and holds nothing of another", async () => {
    const { runs } = inventory();
    await runs.asked({ ...asked, repository: "prod/web" });
    await runs.listed("asked-1", { ...HUB, at: AT, repositories: 2 });
    await runs.ended("asked-1", { ...HUB, at: LATER, failed: 1, reason: "prod/web: throttled" });
    await runs.listed("asked-1", { ...WEST, at: AT, repositories: 0 });
    await runs.listed("asked-10", { ...WEST, at: AT, repositories: 9 });
    const found = await runs.findRun("asked-1");
    expect(found?.asked).toEqual({ ...asked, repository: "prod/web" });
    expect(found?.listed.toSorted((a, b) => (a.region < b.region ? -1 : 1))).toEqual([
      { ...HUB, at: AT, repositories: 2 },
      { ...WEST, at: AT, repositories: 0 },
    ]);
    expect(found?.ended).toEqual([{ ...HUB, at: LATER, failed: 1, reason: "prod/web: throttled" }]);
  });

  test("an entry that is written again stays as it was, and costs no write", async () => {
    const { runs, probe } = inventory();
    await runs.asked(asked);
    await runs.ended("asked-1", { ...HUB, at: AT, failed: 0 });
    const writes = probe.writes();
    await runs.asked({ ...asked, at: LATER });
    await runs.ended("asked-1", { ...HUB, at: LATER, failed: 3 });
    expect(await runs.findRun("asked-1")).toEqual({
      asked,
      listed: [],
      ended: [{ ...HUB, at: AT, failed: 0 }],
    });
    expect(probe.writes()).toBe(writes);
  });

  test("a schedule's run has nobody who asked for it", async () => {
    const { runs } = inventory();
    await runs.listed("execution", { ...HUB, at: AT, repositories: 1 });
    expect(await runs.findRun("execution")).toEqual({
      listed: [{ ...HUB, at: AT, repositories: 1 }],
      ended: [],
    });
  });
});
