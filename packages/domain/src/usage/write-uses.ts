import { inParallel } from "../inventory/in-parallel.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { UsageKey, UsageRecord } from "./evidence.ts";
import type { UsageStore } from "./ports.ts";
import { kindsOf, latest, type Use } from "./use.ts";

/** Item writes at a time. */
export const AT_ONCE = 16;

export type UseRecords = Pick<UsageStore, "findUsage" | "putUsage">;

export type ScopeOfUse = Pick<UsageKey, "source" | "scope">;

export type WritingReport = ScopeOfUse & {
  readonly sequence: number;
  /** Number of the report in force while this is written. */
  readonly inForce: number;
  /** ISO 8601: since when what is new is said to be seen. */
  readonly observedAt: string;
};

/**
 * Makes sure that these uses are stored, go on, and say at least as much as the report does; returns how many were written.
 * Nothing that a record said is taken from it here: the report is not in force yet. Every record that it leaves is numbered
 * higher than the report in force, which is what keeps those from ending it who still work on that one (settle-report.ts).
 */
export async function writeUses(
  store: UseRecords,
  uses: Iterable<Use>,
  report: WritingReport,
): Promise<number> {
  let written = 0;
  await inParallel(uses, AT_ONCE, async (use) => {
    if (await withFence(() => writeUse(store, use, report))) written += 1;
  });
  return written;
}

async function writeUse(store: UseRecords, use: Use, report: WritingReport): Promise<boolean> {
  const { source, scope } = report;
  const previous = await store.findUsage({ ...use, source, scope });
  if (previous && covers(previous, use) && (previous.sequence ?? 0) > report.inForce) return false;
  await store.putUsage(widened(previous, use, report));
  return true;
}

/** Whether the record already says all that the use says. */
function covers(record: UsageRecord, use: Use): boolean {
  return (
    record.endedAt === undefined &&
    use.kinds.every((kind) => record.kinds.includes(kind)) &&
    (record.seenAt === undefined || (use.seenAt !== undefined && record.seenAt >= use.seenAt))
  );
}

function widened(previous: UsageRecord | undefined, use: Use, report: WritingReport): UsageRecord {
  const { source, scope, sequence, observedAt } = report;
  const going = previous?.endedAt === undefined ? previous : undefined;
  const seenAt = going ? bothSeenAt(going.seenAt, use.seenAt) : use.seenAt;
  const { seenAt: _, ...rest } = use;
  return {
    ...rest,
    source,
    scope,
    kinds: kindsOf([...use.kinds, ...(going?.kinds ?? [])]),
    firstSeen: previous?.firstSeen ?? observedAt,
    ...(seenAt !== undefined && { seenAt }),
    sequence: Math.max(sequence, previous?.sequence ?? 0),
    version: (previous?.version ?? 0) + 1,
  };
}

/** Absent means that it goes on, which is more than any time. */
function bothSeenAt(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || b === undefined ? undefined : latest(a, b);
}
