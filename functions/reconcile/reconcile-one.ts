import { type FollowUp, followUp } from "@tallyman/domain/inventory/follow-up";
import { type DifferenceCounts, total } from "@tallyman/domain/reconcile/differences";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import { type Reconciled, reconcileRepository } from "@tallyman/domain/reconcile/reconcile-repository";
import { registryName } from "@tallyman/domain/registry/registry";
import type { Telemetry } from "@tallyman/observability/telemetry";
import type { ReconcileDeps } from "./deps.ts";

type RepositoryJob = Extract<ReconcileJob, { kind: "repository" }>;

/** Compares one repository; what it repairs has the same consequences as if its events had come. */
export async function reconcileOne(deps: ReconcileDeps, job: RepositoryJob): Promise<void> {
  const { account, region, repository: name, run } = job;
  const repository = { account, region, repository: name };
  const policy = await deps.policy.currentPolicy();
  const now = deps.now();
  const reconciled = await reconcileRepository(deps, { repository, rules: policy.tagging.rules, run, now });
  const { recorded } = reconciled;
  const followed = await followUp(deps, { repository, recorded, cause: "reconcile", policy, now });
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
