import type { AuditTrail, SummaryStore } from "../inventory/ports.ts";
import type { Recorded } from "../inventory/record-image.ts";
import type { TagDeps } from "../inventory/record-tag.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import { type RecountDeps, recount } from "../listing/recount.ts";
import type { TaggingRule } from "../policy/policy.ts";
import { RegistryUnavailableError, RepositoryNotFoundError } from "../registry/errors.ts";
import type { ResourceTagReader } from "../registry/ports.ts";
import { registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type DifferenceCounts, describeDifferences, isGap, tally, total } from "./differences.ts";
import { readKnown } from "./known.ts";
import { type Findings, newFindings } from "./sweep.ts";
import { sweepRepository } from "./sweep-repository.ts";

export type ReconcileDeps = TagDeps &
  RecountDeps & {
    readonly summaries: SummaryStore;
    readonly audit: AuditTrail;
    readonly resourceTags: ResourceTagReader;
  };

export type ReconcileRequest = {
  readonly repository: RepositoryRef;
  readonly rules: readonly TaggingRule[];
  /** For how many days what has ended is kept (the policy's `inventory.keepDays`). */
  readonly keepDays: number;
  /** Names the run in the audit trail. */
  readonly run: string;
  /** An event told that the repository was deleted: that it is gone was not missed. */
  readonly told?: "repository-delete";
  /** When the sweep begins: what it says is as of then. */
  readonly now: Date;
};

export type Reconciled = {
  readonly differences: DifferenceCounts;
  /** Undefined: neither registry nor inventory has ever had such a repository. */
  readonly summary: RepositorySummary | undefined;
  /** It could not be compared the last time. */
  readonly recovered: boolean;
  /** What changed, as if events had told, and tags with open violations. */
  readonly recorded: Recorded;
};

/**
 * Compares one repository with its registry, page by page, and repairs what events missed: images and tags that are not
 * recorded, tags that point elsewhere, images that are gone, violations that a changed policy makes or ends. A repository
 * that is gone closes with all its images. Where nothing differs it writes the summary and its listing alone. Reads
 * DescribeImages, once for each page unless something is gone or changes meanwhile, and manifests only where that is no
 * pull, so it moves no pull time.
 *
 * Throws RegistryUnavailableError: a listing that was cut short concludes nothing about what it did not show. Whoever
 * tries again begins with the first page.
 */
export async function reconcileRepository(
  deps: ReconcileDeps,
  request: ReconcileRequest,
): Promise<Reconciled> {
  const { run: _, told, ...swept } = request;
  const before = await deps.summaries.findSummary(request.repository);
  const { gone, ...findings } = await sweep(deps, swept);
  const differences = gone && told ? tally().counts() : findings.differences.counts();
  await audit(deps, request, differences);
  const summary =
    gone && before === undefined && total(differences) === 0
      ? undefined
      : await summarise(deps, request, { gone, gap: isGap(differences) });
  const recorded = { images: [...findings.images.values()], tags: [...findings.tags.values()] };
  return { differences, summary, recovered: before?.lastError !== undefined, recorded };
}

/**
 * Lets go of what was known when it ends: the count that follows reads all of it anew, and a large repository is not held
 * twice.
 */
async function sweep(
  deps: ReconcileDeps,
  swept: Omit<ReconcileRequest, "run" | "told">,
): Promise<Findings & { readonly gone: boolean }> {
  const findings = newFindings();
  const known = await readKnown(deps, swept.repository);
  const { gone } = await sweepRepository({ deps, ...swept, known, cause: "reconcile", ...findings });
  return { gone, ...findings };
}

async function audit(
  { audit }: ReconcileDeps,
  request: ReconcileRequest,
  counts: DifferenceCounts,
): Promise<void> {
  if (total(counts) === 0) return;
  const subject = `${registryName(request.repository)}/${request.repository.repository}`;
  await audit.append({
    id: `inventory.repaired#${request.run}#${subject}`,
    at: request.now.toISOString(),
    sequence: 0,
    actor: "reconcile",
    action: "inventory.repaired",
    subject,
    reason: `The registry and the inventory differed: ${describeDifferences(counts)}.`,
    details: { run: request.run, differences: counts },
  });
}

async function summarise(
  deps: ReconcileDeps,
  { repository, now }: ReconcileRequest,
  { gone, gap }: { readonly gone: boolean; readonly gap: boolean },
): Promise<RepositorySummary> {
  const resourceTags = gone ? {} : await resourceTagsOf(deps, repository);
  const swept = { at: now, gap, gone, ...(resourceTags && { resourceTags }) };
  return (await recount(deps, { repository, now, swept })).summary;
}

/** Undefined: they could not be read, which is no reason not to compare images. */
async function resourceTagsOf(
  { resourceTags }: ReconcileDeps,
  repository: RepositoryRef,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return await resourceTags.resourceTags(repository);
  } catch (error) {
    if (error instanceof RegistryUnavailableError || error instanceof RepositoryNotFoundError)
      return undefined;
    throw error;
  }
}
