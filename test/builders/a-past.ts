import type { ImageRecord, TagPointer } from "@tallyman/domain/inventory/records";
import type { MemoryApi } from "../fakes/memory-api.ts";
import { aDigest } from "./digest.ts";
import { aDeed } from "./history.ts";
import { anImageRecord, aReplicaRecord, aSummary, aTagPointer, aViolationRecord, ended } from "./records.ts";
import { aRepository } from "./registry.ts";

const A = aDigest("A");
const B = aDigest("B");
const WEST = aRepository("prod/web", { region: "us-west-2" });

/** Minutes after ten o'clock of 2026-11-21. */
function at(minutes: number): string {
  return new Date(Date.parse("2026-11-21T10:00:00.000Z") + minutes * 60_000).toISOString();
}

async function live(api: MemoryApi, stages: readonly Partial<ImageRecord>[]): Promise<void> {
  let before: ImageRecord | undefined;
  for (const [i, stage] of stages.entries()) {
    const record = anImageRecord({ digest: A, changedAt: stage.since ?? at(0), ...stage, version: i + 1 });
    await api.inventory.images.putImage(record, before && ended(before));
    before = record;
  }
}

async function move(api: MemoryApi, states: readonly Partial<TagPointer>[]): Promise<void> {
  let before: TagPointer | undefined;
  for (const [i, state] of states.entries()) {
    const pointer = aTagPointer({ ...state, version: i + 1 });
    await api.inventory.tags.moveTag(before && ended(before), pointer);
    before = pointer;
  }
}

/**
 * prod/web: ana pushed image A as 1.4.2 and latest; ben moved latest on to B; A was archived, restored, and expired by a
 * lifecycle rule. Its copy in us-west-2 is still there, and breaks a rule.
 */
export async function aPast(api: MemoryApi): Promise<void> {
  await live(api, [
    { since: at(0), cause: "push" },
    { since: at(20), cause: "archive", status: "ARCHIVED" },
    { since: at(30), cause: "restore" },
    {
      since: at(40),
      cause: "lifecycle",
      state: "closed",
      closedAt: at(40),
      why: "lifecycle rule 2: keep ten",
    },
  ]);
  await live(api, [{ ...WEST, since: at(1), cause: "replication" }]);
  await move(api, [
    { tag: "1.4.2", digest: A, since: at(0) },
    { tag: "1.4.2", digest: null, since: at(40), cause: "lifecycle", why: "lifecycle rule 2: keep ten" },
  ]);
  await move(api, [
    { tag: "latest", digest: A, since: at(0) },
    { tag: "latest", digest: B, since: at(10) },
  ]);
  await move(api, [{ ...WEST, tag: "1.4.2", digest: A, since: at(1), cause: "replication" }]);
  const ana = { at: at(0), by: "arn:aws:iam::111122223333:user/ana", digest: A };
  const ben = { by: "arn:aws:iam::111122223333:user/ben" };
  const policy = { action: "expire", by: "lifecycle policy", digest: A, tag: "1.4.2" } as const;
  const deeds = [
    aDeed({ ...ana, event: "ana-1", tag: "1.4.2" }),
    aDeed({ ...ana, event: "ana-2", tag: "latest" }),
    aDeed({ ...ben, event: "ben", tag: "latest", digest: B, at: at(10) }),
    aDeed({ ...policy, event: "policy", at: at(39), rule: "lifecycle rule 2: keep ten" }),
  ];
  for (const deed of deeds) await api.deeds.append(deed, at(1000));
  await api.inventory.replicas.putReplica(
    aReplicaRecord({ digest: A, state: "arrived", arrivedAt: at(1), expectedAt: at(0) }),
  );
  await api.inventory.summaries.putSummary(aSummary({ reconciledAt: at(5), completeSince: at(5) }));
  await api.inventory.violations.putViolation(
    aViolationRecord({ ...WEST, digest: A, tag: "1.4.2", openedAt: at(1) }),
  );
}
