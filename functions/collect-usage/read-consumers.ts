import { reasonOf } from "@tallyman/domain/reconcile/note-failure";
import { registryName } from "@tallyman/domain/registry/registry";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { CollectUsageDeps } from "./deps.ts";
import { forget, gather } from "./gather.ts";
import type { ConsumersJob } from "./schema.ts";

/**
 * Reads who may pull from a registry. While it cannot be read, what was read before stays and grows old, which is a doubt
 * of its own.
 */
export async function readConsumers(deps: CollectUsageDeps, job: ConsumersJob, last: boolean): Promise<void> {
  const { account, region, run } = job;
  const at = { account, region };
  const about = { registry: registryName(at), run };
  const { log } = deps.telemetry;
  try {
    const gathered = await gather(deps, job, (from) => deps.consumersReader.readPolicies(at, from));
    if (gathered === undefined) return;
    const { policies, startedAt } = gathered;
    const pullsThrough = await deps.consumersReader.readPullThrough(at);
    await deps.consumers.putConsumers({ ...at, asOf: startedAt, policies, pullsThrough });
    await forget(deps, job);
    log.info("consumers read", { ...about, repositories: Object.keys(policies).length });
  } catch (error) {
    if (!last || !(error instanceof UsageUnavailableError)) throw error;
    log.warn("consumers not read", { ...about, reason: reasonOf(error) });
  }
}
