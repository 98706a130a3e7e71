import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import { keepExclusion } from "@tallyman/domain/reconcile/keep-exclusion";
import { repositoriesOf } from "@tallyman/domain/reconcile/repositories-of";
import { registryName } from "@tallyman/domain/registry/registry";
import type { ReconcileDeps } from "./deps.ts";

type RegistryJob = Extract<ReconcileJob, { kind: "registry" }>;

/** Queues one comparison for each repository; first of all makes sure that reading manifests counts as no pull. */
export async function reconcileRegistry(deps: ReconcileDeps, job: RegistryJob): Promise<void> {
  const { account, region, run } = job;
  const registry = { account, region };
  const { log } = deps.telemetry;
  const about = { registry: registryName(registry), run };
  const exclusion = await keepExclusion(deps, { registry, run, now: deps.now() });
  if (exclusion.state === "registered") log.info("pull-time exclusion registered", about);
  if (exclusion.state === "missing") {
    log.warn("pull-time exclusion missing: no manifest is read", { ...about, reason: exclusion.reason });
  }
  const repositories = await repositoriesOf(deps, registry);
  await deps.queue.send(
    repositories.map((repository) => ({ kind: "repository", ...registry, repository, run })),
  );
  log.info("registry listed", { ...about, repositories: repositories.length });
}
