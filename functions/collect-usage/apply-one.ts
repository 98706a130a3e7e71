import { applyReport } from "@tallyman/domain/usage/apply-report";
import { announce } from "./announce.ts";
import type { CollectUsageDeps } from "./deps.ts";
import { ReportNotFoundError } from "./errors.ts";
import type { ApplyJob } from "./schema.ts";

/** Brings a report in force that somebody sent and the API has stored. */
export async function applyOne(deps: CollectUsageDeps, job: ApplyJob): Promise<void> {
  const { source, scope, sequence } = job;
  const [policy, snapshot] = await Promise.all([
    deps.policy.currentPolicy(),
    deps.snapshots.findSnapshot(source, scope, sequence),
  ]);
  if (snapshot === undefined) throw new ReportNotFoundError(job);
  const options = { now: deps.now(), keepDays: policy.inventory.keepDays };
  const applied = await applyReport(deps, snapshot, options);
  await announce(deps, { snapshot, applied, policy });
}
