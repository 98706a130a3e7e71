import { type FollowUp, followUp } from "@tallyman/domain/inventory/follow-up";
import { type DifferenceCounts, total } from "@tallyman/domain/reconcile/differences";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import { giveUp, leavesOut, registryProblem } from "@tallyman/domain/reconcile/leaving-out";
import { noteFailure, reasonOf } from "@tallyman/domain/reconcile/note-failure";
import { type Reconciled, reconcileRepository } from "@tallyman/domain/reconcile/reconcile-repository";
import { noteRecovery, noteRunError } from "@tallyman/domain/reconcile/registry-run";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { registryName } from "@tallyman/domain/registry/registry";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { noting } from "../configuration/noting.ts";
import type { ReconcileDeps } from "./deps.ts";

type RepositoryJob = Extract<ReconcileJob, { kind: "repository" }>;

/**
 * Compares one repository; what it repairs has the same consequences as if its events had come. One that cannot be
 * compared says so in its summary and its registry's record, and its message comes back. If at the last receive it is the
 * registry that cannot be asked, the run gives up: what waits behind is left out, and the registry is stale until a run ends well.
 */
export async function reconcileOne(deps: ReconcileDeps, job: RepositoryJob, last: boolean): Promise<void> {
  if (await isLeftOut(deps, job)) return;
  try {
    await compare(deps, job);
  } catch (error) {
    const failure = { reason: reasonOf(error), now: deps.now() };
    await noting(deps, async () => {
      await noteFailure(deps.summaries, job, failure);
      const reason = `${job.repository}: ${failure.reason}`;
      await noteRunError(deps, { registry: job, run: job.run, now: failure.now, reason });
    });
    if (last && error instanceof RegistryUnavailableError && (await givesUp(deps, job))) return;
    throw error;
  }
}

async function isLeftOut(deps: ReconcileDeps, job: RepositoryJob): Promise<boolean> {
  if (job.partOf === undefined) return false;
  const { account, region, repository, run } = job;
  const reason = leavesOut(await deps.registries.findRun({ account, region }), run);
  if (reason === undefined) return false;
  deps.telemetry.log.info("repository left out", { registry: registryName(job), repository, run, reason });
  return true;
}

async function givesUp(deps: ReconcileDeps, job: RepositoryJob): Promise<boolean> {
  if (job.partOf === undefined) return false;
  const { account, region, repository, run } = job;
  const registry = { account, region };
  const reason = await registryProblem(deps.registry, job);
  if (reason === undefined) return false;
  const gaveUp = await giveUp(deps.registries, { registry, run, repository, reason, now: deps.now() });
  if (gaveUp) deps.telemetry.log.warn("registry given up", { registry: registryName(job), run, reason });
  return gaveUp;
}

async function compare(deps: ReconcileDeps, job: RepositoryJob): Promise<void> {
  const { account, region, repository: name, run } = job;
  const repository = { account, region, repository: name };
  const policy = await deps.policy.currentPolicy();
  const now = deps.now();
  const { keepDays } = policy.inventory;
  const told = job.told && { told: job.told };
  const request = { repository, rules: policy.tagging.rules, keepDays, run, now, ...told };
  const reconciled = await reconcileRepository(deps, request);
  const { recorded, recovered } = reconciled;
  const followed = await followUp(deps, { repository, recorded, cause: "reconcile", policy, now });
  if (recovered) await noteRecovery(deps, { registry: repository, now });
  report(deps.telemetry, { job, reconciled, followed });
}

type Outcome = {
  readonly job: RepositoryJob;
  readonly reconciled: Reconciled;
  readonly followed: FollowUp;
};

/** One line for a repository, not one for each image: a first reconcile finds all of them. */
function report({ log, measure }: Telemetry, { job, reconciled, followed }: Outcome): void {
  const { differences, summary, recorded } = reconciled;
  const about = { registry: registryName(job), repository: job.repository, run: job.run };
  if (summary === undefined) {
    log.info("repository unknown", about);
    return;
  }
  const { images, tags, openViolations } = summary;
  log.info("repository reconciled", { ...about, images, tags, openViolations, ...found(differences) });
  if (recorded.images.some((image) => image.record?.manifest === "exclusion-missing")) {
    log.warn("manifests not read: the pull-time exclusion is missing", about);
  }
  for (const { kind, title } of followed.noticed) log.debug("notice queued", { ...about, kind, title });
  if (followed.listed > 0) {
    log.info("violations listed, not told one by one", { ...about, count: followed.listed });
  }
  for (const [kind, count] of Object.entries(differences)) {
    if (count > 0) measure("DifferencesFound", count, { kind });
  }
  if (differences["violation-opened"] > 0) measure("Violations", differences["violation-opened"]);
  measure("ReconcileCompleted", 1);
}

function found(counts: DifferenceCounts): { readonly differences: number | Partial<DifferenceCounts> } {
  if (total(counts) === 0) return { differences: 0 };
  return { differences: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)) };
}
