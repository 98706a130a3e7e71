import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aSnapshot, itemsOf } from "../../../../test/builders/usage.ts";
import { type MemoryInventory, memoryInventory } from "../../../../test/fakes/memory-inventory.ts";
import { type MemoryUsage, memoryUsage } from "../../../../test/fakes/memory-usage.ts";
import type { AuditEntry } from "../audit/audit-entry.ts";
import { acceptSuspect } from "./accept-suspect.ts";
import { applyReport } from "./apply-report.ts";
import { NotSuspectError } from "./errors.ts";
import type { Snapshot } from "./evidence.ts";
import { subjectName } from "./use.ts";

const NOW = new Date("2026-11-22T08:00:02.000Z");
const ANA = "arn:aws:iam::111122223333:user/ana";
const { source, scope } = aSnapshot();

let stores: MemoryUsage;
let inventory: MemoryInventory;
beforeEach(async () => {
  stores = memoryUsage();
  inventory = memoryInventory();
  await apply(1, itemsOf("A", "B", "C"));
  await apply(2, []);
});

function apply(sequence: number, items: Snapshot["items"]) {
  return applyReport(stores, aSnapshot({ sequence, items }), { now: NOW, keepDays: 730 });
}

function accept(sequence: number) {
  const deps = { states: stores.states, audit: inventory.audit };
  return acceptSuspect(deps, { source, scope, sequence, by: ANA, reason: "all moved to EKS", now: NOW });
}

async function audited(): Promise<readonly AuditEntry[]> {
  return (await inventory.queries.listAudit("2026-11-22", { limit: 100 })).items;
}

const used = () =>
  stores.uses().flatMap((use) => (use.endedAt === undefined ? [subjectName(use.subject)] : []));

test("an accepted report is applied without being judged again", async () => {
  expect(await accept(2)).toMatchObject({ sequence: 1, suspect: { accepted: { by: ANA } } });
  expect(used()).toHaveLength(3);
  expect(await apply(2, [])).toMatchObject({ outcome: "in-force", ended: 3 });
  expect(used()).toEqual([]);
  expect(await stores.states.findState(source, scope)).not.toHaveProperty("suspect");
});

test("who accepted what, and why, is in the audit trail before it is so", async () => {
  stores.journal.before = ({ kind }) => {
    if (kind === "source-state") throw new Error("killed");
  };
  await expect(accept(2)).rejects.toThrow("killed");
  expect(await audited()).toMatchObject([
    {
      actor: ANA,
      action: "usage.accept-requested",
      subject: "ecs 111122223333/us-east-1",
      reason: "all moved to EKS",
      details: { sequence: 2, inForce: 1, subjects: 0, missing: 3 },
    },
  ]);
  stores.journal.before = undefined;
  await accept(2);
  expect((await audited()).map(({ action }) => action)).toEqual(["usage.accepted", "usage.accept-requested"]);
});

test("accepting twice is accepting once", async () => {
  const first = await accept(2);
  expect(await accept(2)).toEqual(first);
  expect(await audited()).toHaveLength(2);
});

test.each([1, 3])("report %i, which nobody doubts, cannot be accepted", async (sequence) => {
  await expect(accept(sequence)).rejects.toThrow(NotSuspectError);
  expect(await audited()).toEqual([]);
});

test("a report that came since is not accepted with the one that was looked at", async () => {
  await apply(3, itemsOf());
  await expect(accept(2)).rejects.toThrow("report 3 does; look at that one first");
  await apply(4, itemsOf("A", "B", "C", "D"));
  await expect(accept(3)).rejects.toThrow("report 4 is in force");
});

test("what is accepted is that one report: the next is judged by the one in force", async () => {
  await accept(2);
  expect(await apply(3, [])).toMatchObject({ outcome: "suspect" });
  expect(used().toSorted()).toEqual(["A", "B", "C"].map(aDigest).toSorted());
  expect(await apply(2, [])).toMatchObject({ outcome: "old" });
});
