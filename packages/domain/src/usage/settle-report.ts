import { inParallel } from "../inventory/in-parallel.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { UsageRecord } from "./evidence.ts";
import { sameUse, type Use, type Uses, useName } from "./use.ts";
import { AT_ONCE, type ScopeOfUse, type UseRecords } from "./write-uses.ts";

export type SettlingReport = ScopeOfUse & {
  /** Of the report in force. */
  readonly sequence: number;
  /** What it names. */
  readonly uses: Uses;
  readonly now: Date;
  /** For how many days the record of a use is kept after its end. */
  readonly keepDays: number;
};

const DAY_MS = 24 * 3600 * 1000;

/**
 * Takes back what the report in force no longer says. `candidates`: what earlier reports said, whose uses may be stored.
 * Those that it does not name end now, those of which it says less say less; returns how many were written.
 *
 * Whoever does this may be slow, and a later report come in force meanwhile that names the use again. A record that a later
 * report wrote has its number and is left alone; and the later report writes whatever the one before did not name alike:
 *
 * `W2 (report 2, without X) reads X v1 | W3 (report 3, with X) puts X v2, sequence 3 | W2 puts X IF v1: refused | W2 reads v2: left`
 */
export async function settleUses(
  store: UseRecords,
  candidates: Iterable<Use>,
  report: SettlingReport,
): Promise<number> {
  let written = 0;
  await inParallel(candidates, AT_ONCE, async (use) => {
    if (await withFence(() => settleUse(store, use, report))) written += 1;
  });
  return written;
}

async function settleUse(store: UseRecords, candidate: Use, report: SettlingReport): Promise<boolean> {
  const { source, scope } = report;
  const record = await store.findUsage({ ...candidate, source, scope });
  if (record === undefined || (record.sequence ?? 0) > report.sequence) return false;
  const next = settled(record, report);
  if (next === undefined) return false;
  await store.putUsage({ ...next, version: record.version + 1 });
  return true;
}

/** The record as it stands with this report in force; undefined: as it is. */
function settled(record: UsageRecord, report: SettlingReport): UsageRecord | undefined {
  if (record.endedAt !== undefined) return undefined;
  const use = report.uses.get(useName(record));
  if (use) return sameUse(record, use) ? undefined : narrowed(record, use);
  const forgetAt = new Date(report.now.getTime() + report.keepDays * DAY_MS).toISOString();
  return { ...record, endedAt: report.now.toISOString(), forgetAt };
}

function narrowed({ seenAt: _, region: __, ...record }: UsageRecord, use: Use): UsageRecord {
  return { ...record, ...use };
}
