import type { Image } from "../image/image.ts";
import { inParallel } from "../inventory/in-parallel.ts";
import type { AuditTrail, SummaryStore } from "../inventory/ports.ts";
import type { Recorded } from "../inventory/record-image.ts";
import type { TagDeps } from "../inventory/record-tag.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { TaggingRule } from "../policy/policy.ts";
import { RepositoryNotFoundError } from "../registry/errors.ts";
import { registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type DifferenceCounts, describeDifferences, isGap, total } from "./differences.ts";
import { readKnown } from "./known.ts";
import { newFindings, type Sweep } from "./sweep.ts";
import { sweepImage, sweepMissing } from "./sweep-image.ts";
import { sweepTag } from "./sweep-tag.ts";

export type ReconcileDeps = TagDeps & { readonly summaries: SummaryStore; readonly audit: AuditTrail };

export type ReconcileRequest = {
  readonly repository: RepositoryRef;
  readonly rules: readonly TaggingRule[];
  /** For how many days what has ended is kept (the policy's `inventory.keepDays`). */
  readonly keepDays: number;
  /** Names the run in the audit trail. */
  readonly run: string;
  /** When the sweep begins: what it says is as of then. */
  readonly now: Date;
};

export type Reconciled = {
  readonly differences: DifferenceCounts;
  readonly summary: RepositorySummary;
  /** What changed, as if events had told, and tags with open violations. */
  readonly recorded: Recorded;
};

/** Images, tags and lookups handled at the same time. */
const AT_ONCE = 16;

/**
 * Compares one repository with its registry, page by page, and repairs what events missed: images and tags that are not
 * recorded, tags that point elsewhere, images that are gone, violations that a changed policy makes or ends. A repository
 * that is gone closes with all its images. Where nothing differs it writes the summary alone. Reads DescribeImages, and
 * manifests only where that is no pull, so it moves no pull time.
 *
 * Throws RegistryUnavailableError: a listing that was cut short concludes nothing about what it did not show.
 */
export async function reconcileRepository(
  deps: ReconcileDeps,
  request: ReconcileRequest,
): Promise<Reconciled> {
  const { repository, rules, keepDays, now } = request;
  const findings = newFindings();
  const known = await readKnown(deps, repository);
  const sweep: Sweep = { deps, repository, rules, known, keepDays, now, ...findings };
  const totals = await sweepListed(sweep);
  await sweepUnlisted(sweep, totals);
  const differences = findings.differences.counts();
  await audit(deps, request, differences);
  const summary = await summarise(deps, request, { sweep, totals, differences });
  const recorded = { images: [...findings.images.values()], tags: [...findings.tags.values()] };
  return { differences, summary, recorded };
}

type Totals = { readonly digests: Set<string>; readonly tags: Set<string>; bytes: number };

async function sweepListed(sweep: Sweep): Promise<Totals> {
  const totals: Totals = { digests: new Set(), tags: new Set(), bytes: 0 };
  await inParallel(listed(sweep), AT_ONCE, async (image) => {
    if (!totals.digests.has(image.digest)) totals.bytes += image.size ?? 0;
    totals.digests.add(image.digest);
    const tags = image.tags.map((tag) => {
      // A tag that moves while the pages are read can show up on two of them.
      const again = totals.tags.has(tag);
      totals.tags.add(tag);
      return { tag, digest: again ? undefined : image.digest };
    });
    await sweepImage(sweep, image);
    for (const { tag, digest } of tags) await sweepTag(sweep, tag, digest);
  });
  return totals;
}

async function* listed({ deps, repository }: Sweep): AsyncIterable<Image> {
  try {
    yield* deps.registry.listImages(repository);
  } catch (error) {
    if (!(error instanceof RepositoryNotFoundError)) throw error;
  }
}

async function sweepUnlisted(sweep: Sweep, { digests, tags }: Totals): Promise<void> {
  const { images, pointers, violations } = sweep.known;
  const missing = [...images.values()].filter((image) => !digests.has(image.digest));
  await inParallel(missing, AT_ONCE, (image) => sweepMissing(sweep, image));
  const pointing = [...pointers.values()].filter((pointer) => pointer.digest !== null).map((it) => it.tag);
  const unlisted = new Set([...pointing, ...violations.keys()].filter((tag) => !tags.has(tag)));
  await inParallel(unlisted, AT_ONCE, (tag) => sweepTag(sweep, tag, undefined));
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

type Outcome = { readonly sweep: Sweep; readonly totals: Totals; readonly differences: DifferenceCounts };

function summarise(
  deps: ReconcileDeps,
  request: ReconcileRequest,
  outcome: Outcome,
): Promise<RepositorySummary> {
  const { account, region, repository } = request.repository;
  const asOf = request.now.toISOString();
  return withFence(async () => {
    const previous = await deps.summaries.findSummary(request.repository);
    const complete = isGap(outcome.differences) ? undefined : previous?.completeSince;
    const summary: RepositorySummary = {
      account,
      region,
      repository,
      images: outcome.totals.digests.size,
      tags: outcome.totals.tags.size,
      openViolations: countOpen(outcome.sweep),
      bytes: outcome.totals.bytes,
      asOf,
      completeSince: complete ?? asOf,
      reconciledAt: asOf,
      version: (previous?.version ?? 0) + 1,
    };
    await deps.summaries.putSummary(summary);
    return summary;
  });
}

function countOpen({ known, tags }: Sweep): number {
  const key = ({ rule, digest, tag }: { rule: string; digest: string; tag: string }) =>
    `${rule} ${digest} ${tag}`;
  const open = new Set([...known.violations.values()].flat().map(key));
  for (const tag of tags.values()) {
    for (const violation of tag.closed) open.delete(key(violation));
    for (const violation of tag.open) open.add(key(violation));
  }
  return open.size;
}
