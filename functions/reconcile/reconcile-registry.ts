import { chooseRepositories } from "@tallyman/domain/reconcile/choose-repositories";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import { keepExclusion } from "@tallyman/domain/reconcile/keep-exclusion";
import { reasonOf } from "@tallyman/domain/reconcile/note-failure";
import { beginRun, endUnlisted, finishRun, noteRunError } from "@tallyman/domain/reconcile/registry-run";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { registryName } from "@tallyman/domain/registry/registry";
import { noting } from "../configuration/noting.ts";
import type { ReconcileDeps } from "./deps.ts";

type RegistryJob = Extract<ReconcileJob, { kind: "registry" }>;
type FinishJob = Extract<ReconcileJob, { kind: "finish" }>;

/**
 * Queues one comparison for each repository, and the end after them; a whole run first makes sure that reading manifests
 * counts as no pull. A registry that cannot be asked is noted as such, and its message comes back; at the last receive the
 * run ends instead: the next one asks again, and a dead letter for each run would say no more than that the registry is stale.
 */
export async function reconcileRegistry(deps: ReconcileDeps, job: RegistryJob, last: boolean): Promise<void> {
  const { account, region, run, scope } = job;
  const registry = { account, region };
  try {
    if (scope === "all") await keepExcluded(deps, job);
    const repositories = await chooseRepositories(deps, registry, scope);
    const now = deps.now();
    await beginRun(deps, { registry, run, scope, now, repositories: repositories.length });
    await deps.queue.send([
      ...repositories.map(
        (repository) => ({ kind: "repository", ...registry, repository, run, partOf: "registry" }) as const,
      ),
      { kind: "finish", ...registry, run },
    ]);
    const about = { registry: registryName(registry), run, scope };
    deps.telemetry.log.info("registry listed", { ...about, repositories: repositories.length });
  } catch (error) {
    const failure = { registry, run, now: deps.now(), reason: reasonOf(error) };
    await noting(deps, () => noteRunError(deps, { ...failure, scope }));
    if (!last || !(error instanceof RegistryUnavailableError)) throw error;
    await endUnlisted(deps, failure);
    deps.telemetry.log.warn("registry given up", { registry: registryName(registry), run, error });
  }
}

async function keepExcluded(deps: ReconcileDeps, { account, region, run }: RegistryJob): Promise<void> {
  const registry = { account, region };
  const { log } = deps.telemetry;
  const about = { registry: registryName(registry), run };
  const exclusion = await keepExclusion(deps, { registry, run, now: deps.now() });
  if (exclusion.state === "registered") log.info("pull-time exclusion registered", about);
  if (exclusion.state === "missing") {
    log.warn("pull-time exclusion missing: no manifest is read", { ...about, reason: exclusion.reason });
  }
}

/** All of the run's repositories were compared, left out, or are dead letters by now. */
export async function finishRegistry(deps: ReconcileDeps, job: FinishJob): Promise<void> {
  const { account, region, run, repository } = job;
  const registry = { account, region };
  const only = repository === undefined ? {} : { repository };
  const { failed, reason } = await finishRun(deps, { registry, run, now: deps.now(), ...only });
  const about = { registry: registryName(registry), run, ...only };
  const { log, measure } = deps.telemetry;
  if (failed > 0) log.warn("registry reconciled in part", { ...about, failed, reason });
  else log.info("registry reconciled", about);
  if (failed === 0 && repository === undefined) measure("RegistryReconciled", 1);
}
