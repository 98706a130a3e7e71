import type { Policy } from "@tallyman/domain/policy/policy";
import { registryName } from "@tallyman/domain/registry/registry";
import { applyReport } from "@tallyman/domain/usage/apply-report";
import { SnapshotConflictError } from "@tallyman/domain/usage/errors";
import type { Snapshot, SourceState, UsageItem } from "@tallyman/domain/usage/evidence";
import { nextSequence } from "@tallyman/domain/usage/source-state";
import { announce } from "./announce.ts";
import type { CollectUsageDeps } from "./deps.ts";
import type { CollectJob } from "./schema.ts";

export type Collection = {
  readonly job: CollectJob;
  readonly items: readonly UsageItem[];
  /** ISO 8601: as of when. */
  readonly startedAt: string;
  readonly policy: Policy;
};

/** A worker that died after its report was stored, before the state knew of it, has taken a number: so many are skipped. */
const MOST_STEPS = 12;

/** Brings what was collected in force under the next number of its scope, unless what a later run collected already is. */
export async function applyCollected(deps: CollectUsageDeps, collection: Collection): Promise<void> {
  const { job, startedAt } = collection;
  const scope = registryName(job);
  const state = await deps.states.findState(job.source, scope);
  if (job.part > 0 && state !== undefined && isOvertaken(state, startedAt)) {
    deps.telemetry.log.info("collection overtaken", { source: job.source, scope, run: job.run });
    return;
  }
  let sequence = nextSequence(state);
  for (let step = 0; ; step++) {
    try {
      await apply(deps, collection, sequence);
      return;
    } catch (error) {
      if (!(error instanceof SnapshotConflictError) || step >= MOST_STEPS) throw error;
      sequence += 2 ** step;
    }
  }
}

/** A later run began after this one and is whole; what it left to be tidied is tidied by whatever comes next. */
function isOvertaken({ observedAt, suspect }: SourceState, startedAt: string): boolean {
  return [observedAt, suspect?.observedAt].some((it) => it !== undefined && it >= startedAt);
}

async function apply(
  deps: CollectUsageDeps,
  { job, items, startedAt, policy }: Collection,
  sequence: number,
): Promise<void> {
  const now = deps.now();
  const snapshot: Snapshot = {
    source: job.source,
    scope: registryName(job),
    account: job.account,
    sequence,
    observedAt: startedAt,
    receivedAt: now.toISOString(),
    items: [...items],
  };
  const applied = await applyReport(deps, snapshot, { now, keepDays: policy.inventory.keepDays });
  await announce(deps, { snapshot, applied, policy });
}
