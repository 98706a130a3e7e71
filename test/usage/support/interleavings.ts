import { type ApplyDeps, applyReport } from "@tallyman/domain/usage/apply-report";
import type { Snapshot, UsageItem, UsageRecord } from "@tallyman/domain/usage/evidence";
import { understandItems } from "@tallyman/domain/usage/understand-items";
import { type Use, useName } from "@tallyman/domain/usage/use";
import * as fc from "fast-check";
import { expect } from "vitest";
import { aDigest } from "../../builders/digest.ts";
import { aSnapshot, aUsageItem } from "../../builders/usage.ts";
import { type MemoryUsage, memoryUsage } from "../../fakes/memory-usage.ts";

// Every read and write of every worker is a point at which the others may go first, and at which each may be killed;
// fast-check chooses. What must hold, after every single write: whatever the report in force names is stored, and goes on.

const NOW = new Date("2026-11-22T08:00:00.000Z");
export const OPTIONS = { now: NOW, keepDays: 730 };
const NAMES = ["A", "B", "C", "D"];
const { source, scope } = aSnapshot();

const item: fc.Arbitrary<UsageItem> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    kind: fc.constantFrom<UsageItem["kind"]>("running", "running", "stopped"),
    seenAt: fc.constantFrom("2026-11-21T08:00:00Z", "2026-11-22T07:00:00Z"),
  })
  .map(({ name, kind, seenAt }) =>
    aUsageItem({ digest: aDigest(name), kind, ...(kind === "stopped" && { seenAt }) }),
  );

/** Numbered 1 and up; small enough that only an empty one is suspect. */
const reports: fc.Arbitrary<Snapshot[]> = fc
  .array(fc.array(item, { maxLength: 4 }), { minLength: 2, maxLength: 5 })
  .map((all) => all.map((items, i) => aSnapshot({ sequence: i + 1, items })));

type World = { readonly stores: MemoryUsage; readonly faults: string[] };

export function newWorld(pause: (label: string) => Promise<void>): World & { readonly deps: ApplyDeps } {
  const stores = memoryUsage();
  const faults: string[] = [];
  stores.journal.before = ({ kind }) => pause(kind);
  const deps: ApplyDeps = {
    usage: {
      findUsage: (key) => pause("find usage").then(() => stores.usage.findUsage(key)),
      putUsage: (record) => checked(stores, faults, stores.usage.putUsage(record)),
    },
    states: {
      findState: async (...of) => {
        await pause("find state");
        const state = await stores.states.findState(...of);
        await pause("found state");
        return state;
      },
      putState: (state) => checked(stores, faults, stores.states.putState(state)),
    },
    snapshots: stores.snapshots,
  };
  return { stores, faults, deps };
}

async function checked(stores: MemoryUsage, faults: string[], write: Promise<void>): Promise<void> {
  await write;
  faults.push(...(await lost(stores)));
}

/** What the report in force names and nobody would find in use. */
export async function lost(stores: MemoryUsage): Promise<readonly string[]> {
  const uses = await inForce(stores);
  const records = new Map(stores.uses().map((record) => [useName(record), record]));
  return [...uses].flatMap(([name, use]) => (saysAsMuch(records.get(name), use) ? [] : [name]));
}

async function inForce(stores: MemoryUsage): Promise<ReadonlyMap<string, Use>> {
  const [state] = stores.source(source);
  const snapshot = await stores.snapshots.findSnapshot(source, scope, state?.sequence ?? 0);
  return understandItems(snapshot?.items ?? []).uses;
}

function saysAsMuch(record: UsageRecord | undefined, use: Use): boolean {
  if (record === undefined || record.endedAt !== undefined) return false;
  if (!use.kinds.every((kind) => record.kinds.includes(kind))) return false;
  return record.seenAt === undefined || (use.seenAt !== undefined && record.seenAt >= use.seenAt);
}

/** A worker that is killed, or loses five races, leaves its message to be delivered again. */
async function deliver(deps: ApplyDeps, snapshot: Snapshot): Promise<void> {
  for (let deliveries = 0; deliveries < 100; deliveries++) {
    try {
      await applyReport(deps, snapshot, OPTIONS);
      return;
    } catch (error) {
      if (!(error instanceof Error && /killed|written by someone else/.test(error.message))) throw error;
    }
  }
  throw new Error("the report was never applied");
}

/** What a report that gave way to a suspect one had begun to write stays until the next that is believed. */
function final(sequence: number): Snapshot {
  return aSnapshot({ sequence, items: [aUsageItem({ digest: aDigest("A") })] });
}

/** When all is still, uses are exactly those of the report in force. */
export async function expectExact(stores: MemoryUsage): Promise<void> {
  const uses = await inForce(stores);
  const going = stores.uses().filter(({ endedAt }) => endedAt === undefined);
  const said = ({ kinds, seenAt, image }: Use | UsageRecord) => ({ kinds, seenAt, image });
  expect(new Map(going.map((record) => [useName(record), said(record)]))).toEqual(
    new Map([...uses].map(([name, use]) => [name, said(use)])),
  );
}

/**
 * In every interleaving of workers, killed or not, nothing of the report in force is lost, and at last nothing else stays.
 * Returns how many runs brought more than one report in force.
 */
export async function expectNothingLost(runs: {
  readonly numRuns: number;
  readonly seed?: number;
  /** As fast-check tells it of one that failed. */
  readonly path?: string;
}): Promise<number> {
  const kills = fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 8 });
  const twice = fc.array(fc.nat(4), { maxLength: 3 });
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), reports, kills, twice, async (scheduler, all, killed, again) => {
      let steps = 0;
      const { stores, faults, deps } = newWorld(async (label) => {
        await scheduler.schedule(Promise.resolve(), label);
        if (killed.includes(++steps)) throw new Error("killed");
      });
      const sent = [...all, ...again.flatMap((i) => all[i] ?? [])];
      const messages = sent.map(async (snapshot) => {
        await scheduler.schedule(Promise.resolve(), `report ${snapshot.sequence}`);
        await deliver(deps, snapshot);
      });
      await scheduler.waitFor(Promise.all(messages));
      expect(faults).toEqual([]);
      stores.journal.before = undefined;
      expect(await lost(stores)).toEqual([]);
      if ((stores.source(source)[0]?.sequence ?? 0) > 1) moved += 1;
      for (const snapshot of [...all, final(all.length + 1)]) await deliver(stores, snapshot);
      await expectExact(stores);
    }),
    { ...runs, endOnFailure: true },
  );
  return moved;
}

/** A report that is killed at any of its steps leaves what was and what is to be, and the next one does the rest. */
export async function expectEachCrashHarmless(): Promise<number> {
  const before = aSnapshot({
    sequence: 1,
    items: ["A", "B"].map((name) => aUsageItem({ digest: aDigest(name) })),
  });
  const next = aSnapshot({
    sequence: 2,
    items: ["B", "C"].map((name) => aUsageItem({ digest: aDigest(name) })),
  });
  const last = aSnapshot({
    sequence: 3,
    items: ["B", "D"].map((name) => aUsageItem({ digest: aDigest(name) })),
  });
  let steps = 0;
  for (let killedAt = 1; killedAt === 1 || steps >= killedAt - 1; killedAt++) {
    steps = 0;
    let isOn = false;
    const { stores, faults, deps } = newWorld(async () => {
      if (isOn && ++steps === killedAt) throw new Error("killed");
    });
    await applyReport(deps, before, OPTIONS);
    isOn = true;
    const outcome = await applyReport(deps, next, OPTIONS).catch((error: Error) => error.message);
    isOn = false;
    if (steps >= killedAt) expect(outcome).toBe("killed");
    expect([...faults, ...(await lost(stores))]).toEqual([]);
    await applyReport(deps, last, OPTIONS);
    expect(faults).toEqual([]);
    await expectExact(stores);
  }
  return steps;
}
