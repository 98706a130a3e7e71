import { reasonOf } from "@tallyman/domain/reconcile/note-failure";
import { registryName } from "@tallyman/domain/registry/registry";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { noting } from "../configuration/noting.ts";
import { applyCollected } from "./apply-collected.ts";
import type { CollectUsageDeps } from "./deps.ts";
import { UnknownSourceError } from "./errors.ts";
import { forget, gather } from "./gather.ts";
import { noteFailure } from "./note-failure.ts";
import type { CollectJob } from "./schema.ts";

/**
 * Collects from one source what runs in one account and Region. Why that failed stands with the source: what it may use is
 * kept until it succeeds. What cannot be asked is asked again within minutes; after the last time, by the next hour's run,
 * and no dead letter says what the source's state says already.
 */
export async function collectOne(deps: CollectUsageDeps, job: CollectJob, last: boolean): Promise<void> {
  const collector = deps.collectors.find(({ source }) => source === job.source);
  if (collector === undefined) throw new UnknownSourceError(job.source);
  const { account, region, run } = job;
  const about = { source: job.source, registry: registryName(job), run };
  const policy = await deps.policy.currentPolicy();
  const { revisions } = policy.usage;
  try {
    const gathered = await gather(deps, job, (from) =>
      collector.collect({ account, region }, { revisions }, from),
    );
    if (gathered === undefined) return;
    const { items, startedAt } = gathered;
    await applyCollected(deps, { job, items, startedAt, policy });
    await forget(deps, job);
  } catch (error) {
    const reason = reasonOf(error);
    await noting(deps, () => noteFailure(deps, job, reason));
    if (!last || !(error instanceof UsageUnavailableError)) throw error;
    deps.telemetry.log.warn("collection given up", { ...about, reason });
  }
}
