import type { RegistryCheckJob } from "@tallyman/domain/registry/check-job";
import { type RecordCheckDeps, recordCheck } from "@tallyman/domain/registry/record-check";
import { registryName } from "@tallyman/domain/registry/registry";
import type { Telemetry } from "@tallyman/observability/telemetry";

export type CheckDeps = RecordCheckDeps & { readonly telemetry: Telemetry; readonly now: () => Date };

/** Looks whether one registry is watched as it should be. What is wrong is a finding: the message is done either way. */
export async function checkOne(deps: CheckDeps, job: RegistryCheckJob): Promise<void> {
  const { findings } = await recordCheck(deps, job, deps.now);
  const { log } = deps.telemetry;
  const about = { registry: registryName(job), check: job.check };
  const failing = findings.filter(({ ok }) => !ok);
  for (const { check, reason } of failing)
    log.warn("registry check failed", { ...about, what: check, reason });
  log.info("registry checked", { ...about, failing: failing.length });
}
