import { inParallel } from "@tallyman/domain/inventory/in-parallel";
import { registryName } from "@tallyman/domain/registry/registry";
import type { UsageJob } from "@tallyman/domain/usage/ports";
import { COLLECTED_SOURCES } from "@tallyman/domain/usage/sources";
import { noting } from "../configuration/noting.ts";
import { countDoubts } from "./count-doubts.ts";
import type { CollectUsageDeps } from "./deps.ts";
import type { Scheduled } from "./schema.ts";

/** Messages sent at a time. */
const AT_ONCE = 10;

/** Queues, for every declared registry, each source that the policy collects and who may pull from it. */
export async function startCollecting(deps: CollectUsageDeps, message: Scheduled): Promise<void> {
  const run = message.execution;
  const [policy, declared] = await Promise.all([
    deps.policy.currentPolicy(),
    deps.declared.declaredRegistries(),
  ]);
  const { collect } = policy.usage;
  const sources = COLLECTED_SOURCES.filter((source) => collect[source]);
  const jobs = declared.flatMap(({ account, region }): readonly UsageJob[] => [
    ...sources.map((source) => ({ kind: "collect", source, account, region, run, part: 0 }) as const),
    { kind: "consumers", account, region, run, part: 0 },
  ]);
  await inParallel(jobs, AT_ONCE, (job) => deps.queue.send(job));
  // All of it is queued: that doubts cannot be counted now is no reason to queue it again.
  await noting(deps, () => countDoubts(deps, declared, policy.usage));
  deps.telemetry.log.info("collecting started", { run, sources, registries: declared.map(registryName) });
}
