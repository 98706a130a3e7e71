import { beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aSnapshot, aUsageItem, imageUri, itemsOf } from "../../../../test/builders/usage.ts";
import { type MemoryUsage, memoryUsage } from "../../../../test/fakes/memory-usage.ts";
import { applyReport } from "./apply-report.ts";
import { SnapshotConflictError } from "./errors.ts";
import type { Snapshot, SourceState } from "./evidence.ts";
import { UNDERSTANDING } from "./understand-items.ts";
import { subjectName } from "./use.ts";

const NOW = new Date("2026-11-22T08:00:02.000Z");
const KEEP_DAYS = 730;
const TEN = Array.from({ length: 10 }, (_, i) => `image-${i}`);

let stores: MemoryUsage;
beforeEach(() => {
  stores = memoryUsage();
});

function apply(sequence: number, items: Snapshot["items"], overrides: Partial<Snapshot> = {}, now = NOW) {
  return applyReport(stores, aSnapshot({ sequence, items, ...overrides }), { now, keepDays: KEEP_DAYS });
}

async function state(): Promise<SourceState> {
  const found = await stores.states.findState("ecs", aSnapshot().scope);
  if (!found) throw new Error("no state");
  return found;
}

function used(): readonly string[] {
  return stores.uses().flatMap((use) => (use.endedAt === undefined ? [subjectName(use.subject)] : []));
}

const digests = (...names: readonly string[]) => names.map(aDigest).toSorted();

describe("a report", () => {
  test("that is the first is in force, with everything that it names", async () => {
    expect(await apply(1, itemsOf("A", "B"))).toMatchObject({ outcome: "in-force", written: 2, ended: 0 });
    expect(used().toSorted()).toEqual(digests("A", "B"));
    expect(await state()).toEqual({
      source: "ecs",
      scope: "111122223333/us-east-1",
      account: "111122223333",
      sequence: 1,
      settled: 1,
      subjects: 2,
      observedAt: "2026-11-22T08:00:00.000Z",
      acceptedAt: NOW.toISOString(),
      understanding: UNDERSTANDING,
      version: 2,
    });
    expect(stores.uses()[0]).toMatchObject({ firstSeen: "2026-11-22T08:00:00.000Z", kinds: ["running"] });
  });

  test("that is the first may be empty, where we looked ourselves", async () => {
    expect(await apply(1, [])).toMatchObject({ outcome: "in-force" });
    expect(await state()).toMatchObject({ sequence: 1, subjects: 0 });
  });

  test("that is the first and empty is suspect, where others looked: they may not have been let", async () => {
    const source = "kubernetes";
    expect(await apply(1, [], { source })).toMatchObject({ outcome: "suspect", written: 0 });
    const { scope } = aSnapshot();
    expect(await stores.states.findState(source, scope)).toMatchObject({
      sequence: 0,
      suspect: { sequence: 1, reason: "it is the first of its scope, and names nothing" },
    });
    expect(await apply(2, itemsOf("A"), { source })).toMatchObject({ outcome: "in-force", written: 1 });
    expect((await stores.states.findState(source, scope))?.suspect).toBeUndefined();
  });

  test("ends what it does not name, and keeps it for as long as the policy says", async () => {
    await apply(1, itemsOf("A", "B"));
    const later = new Date("2026-11-22T09:00:00.000Z");
    expect(await apply(2, itemsOf("A", "C"), {}, later)).toMatchObject({ written: 1, ended: 1 });
    expect(used().toSorted()).toEqual(digests("A", "C"));
    const ended = stores.uses().find(({ endedAt }) => endedAt !== undefined);
    expect(ended).toMatchObject({
      subject: { digest: aDigest("B") },
      endedAt: later.toISOString(),
      forgetAt: new Date(later.getTime() + KEEP_DAYS * 86_400_000).toISOString(),
    });
  });

  test("that names again what had ended begins it anew, and remembers when it was first seen", async () => {
    await apply(1, itemsOf("A", "B"));
    await apply(2, itemsOf("A"));
    await apply(3, itemsOf("A", "B"), { observedAt: "2026-11-22T08:00:01.000Z" });
    expect(used().toSorted()).toEqual(digests("A", "B"));
    for (const use of stores.uses()) {
      expect(use.firstSeen).toBe("2026-11-22T08:00:00.000Z");
      expect(use).not.toHaveProperty("forgetAt");
    }
  });

  test("that says less of a use narrows it", async () => {
    const both = [
      aUsageItem(),
      aUsageItem({ kind: "template", image: imageUri("team/app", `@${aDigest("image")}`) }),
    ];
    await apply(1, both);
    expect(stores.uses()[0]?.kinds).toEqual(["running", "template"]);
    const stopped = aUsageItem({ kind: "stopped", seenAt: "2026-11-22T07:00:00Z" });
    expect(await apply(2, [stopped])).toMatchObject({ ended: 1 });
    expect(stores.uses()[0]).toMatchObject({ kinds: ["stopped"], seenAt: "2026-11-22T07:00:00.000Z" });
    await apply(3, both);
    expect(stores.uses()[0]?.kinds).toEqual(["running", "template"]);
    expect(stores.uses()[0]).not.toHaveProperty("seenAt");
  });

  test("that says what is known costs one item, the state's", async () => {
    await apply(1, itemsOf(...TEN));
    const before = stores.journal.writes.length;
    expect(await apply(2, itemsOf(...TEN).toReversed())).toMatchObject({
      outcome: "in-force",
      written: 0,
      ended: 0,
    });
    expect(stores.journal.writes.slice(before).map(({ kind }) => kind)).toEqual(["snapshot", "source-state"]);
    expect(await state()).toMatchObject({ sequence: 2, settled: 2 });
  });

  test("that came before changes nothing when it comes again", async () => {
    await apply(1, itemsOf("A"));
    await apply(2, itemsOf("B"), {});
    const before = stores.journal.writes.length;
    expect(await apply(1, itemsOf("A"))).toMatchObject({ outcome: "old", written: 0, ended: 0 });
    expect(await apply(2, itemsOf("B"), { receivedAt: NOW.toISOString() })).toMatchObject({
      outcome: "in-force",
    });
    expect(stores.journal.writes.slice(before).filter(({ kind }) => kind !== "snapshot")).toEqual([]);
    expect(used()).toEqual([aDigest("B")]);
  });

  test("under a number that another has is refused, and changes nothing", async () => {
    await apply(1, itemsOf("A"));
    await expect(apply(1, itemsOf("B"))).rejects.toThrow(SnapshotConflictError);
    expect(used()).toEqual([aDigest("A")]);
  });

  test("older than the one in force is ignored, whatever it says", async () => {
    await apply(5, itemsOf("A"));
    expect(await apply(4, itemsOf("B"))).toMatchObject({ outcome: "old", state: { sequence: 5 } });
    expect(used()).toEqual([aDigest("A")]);
  });

  test("is never younger than the moment in which it was taken", async () => {
    await apply(1, itemsOf("A"), { observedAt: "2036-01-01T00:00:00.000Z" });
    expect((await state()).observedAt).toBe(NOW.toISOString());
  });

  test("counts what it does not understand, and says so", async () => {
    const items = [...itemsOf("A"), aUsageItem({ image: "nginx" }), aUsageItem({ image: "no reference" })];
    expect(await apply(1, items)).toMatchObject({ foreign: 1, unreadable: { count: 1 } });
  });

  test("after a failure takes the failure away", async () => {
    await apply(1, itemsOf("A"));
    const failed = await state();
    const failure = { at: NOW.toISOString(), reason: "no answer" };
    await stores.states.putState({ ...failed, failure, version: failed.version + 1 });
    await apply(2, itemsOf("A"));
    expect(await state()).not.toHaveProperty("failure");
  });
});

describe("a suspect report", () => {
  test.each([
    ["empty", []],
    ["shrunken", itemsOf("image-0")],
    ["of other images", itemsOf(...TEN.map((name) => `other ${name}`))],
  ])("(%s) leaves in force what was, and changes no use", async (_, items) => {
    await apply(1, itemsOf(...TEN));
    const before = stores.uses();
    expect(await apply(2, items)).toMatchObject({ outcome: "suspect", written: 0, ended: 0 });
    expect(stores.uses()).toEqual(before);
    expect(await state()).toMatchObject({
      sequence: 1,
      subjects: 10,
      suspect: { sequence: 2, subjects: items.length },
    });
  });

  test("that comes again is the same suspect report, since the same time", async () => {
    await apply(1, itemsOf(...TEN));
    await apply(2, []);
    const first = await state();
    await apply(2, [], { receivedAt: "2026-11-22T12:00:00.000Z" });
    expect(await state()).toEqual(first);
  });

  test("gives way to the next that is believed, and never comes back", async () => {
    await apply(1, itemsOf(...TEN));
    await apply(2, []);
    expect(await apply(3, itemsOf(...TEN, "new"))).toMatchObject({
      outcome: "in-force",
      written: 1,
      ended: 0,
    });
    expect(await state()).not.toHaveProperty("suspect");
    expect(await apply(2, [])).toMatchObject({ outcome: "old" });
    expect(used()).toHaveLength(11);
  });

  test("is not outdone by an older one that comes late", async () => {
    await apply(1, itemsOf(...TEN));
    await apply(3, []);
    expect(await apply(2, itemsOf(...TEN))).toMatchObject({ outcome: "old", state: { sequence: 1 } });
  });

  test.each(["gone", "unreadable"] as const)("is any when the report in force is %s", async (how) => {
    await apply(1, itemsOf(...TEN));
    stores.snapshots.damage(aSnapshot({ sequence: 1 }), how);
    expect(await apply(2, itemsOf(...TEN))).toMatchObject({ outcome: "suspect" });
    expect(await state()).toMatchObject({ sequence: 1, suspect: { missing: 10 } });
    expect(used()).toHaveLength(10);
  });
});

describe("what reports are understood to be", () => {
  test("is written anew when it changed, though the reports are the same", async () => {
    await apply(1, itemsOf("A", "B"));
    const { understanding: _, ...before } = await state();
    await stores.states.putState({ ...before, version: before.version + 1 });
    // As if an older version had not understood B's name.
    const b = stores.uses().find(({ subject }) => subjectName(subject) === aDigest("B"));
    if (b) await stores.usage.putUsage({ ...b, endedAt: NOW.toISOString(), version: b.version + 1 });
    await apply(2, itemsOf("A", "B"));
    expect(used().toSorted()).toEqual(digests("A", "B"));
    expect(await state()).toMatchObject({ understanding: UNDERSTANDING });
  });
});
