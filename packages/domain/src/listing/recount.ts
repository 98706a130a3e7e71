import type {
  ImageStore,
  ManifestStore,
  SummaryStore,
  TagStore,
  ViolationStore,
} from "../inventory/ports.ts";
import type { ImageRecord, RepositorySummary } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { billedBytes, sizedImages } from "./billed-bytes.ts";
import { buildListing } from "./build-listing.ts";
import { UnreadableListingError } from "./errors.ts";
import type { Listing } from "./listing.ts";
import type { ListingStore } from "./ports.ts";

export type RecountDeps = {
  readonly images: Pick<ImageStore, "listImages">;
  readonly tags: Pick<TagStore, "listTags">;
  readonly violations: Pick<ViolationStore, "listOpenViolations">;
  readonly manifests: Pick<ManifestStore, "findHeads" | "putEdges">;
  readonly summaries: Pick<SummaryStore, "findSummary" | "putSummary">;
  readonly listings: ListingStore;
};

export type RecountRequest = {
  readonly repository: RepositoryRef;
  /** Taken before anything is read: what is counted is as of then. */
  readonly now: Date;
  /** ISO 8601: when the last event of the repository was heard. */
  readonly heardAt?: string;
  /** What only a complete sweep knows. */
  readonly swept?: Swept;
};

export type Swept = {
  /** When the sweep began. */
  readonly at: Date;
  /** It found that events were missed: completeness begins anew. */
  readonly gap: boolean;
  /** The registry has no such repository. */
  readonly gone: boolean;
  /** Absent: they could not be read, and stay what they were. */
  readonly resourceTags?: Readonly<Record<string, string>>;
};

export type Recounted = { readonly summary: RepositorySummary; readonly listing: Listing };

/**
 * Counts a repository anew from its records: writes its listing, then its summary, which fences both. Nothing is computed
 * from numbers of before; what only reconciles know is carried over, or replaced by what `swept` says. One object and one
 * item are written. Of those manifests alone that the listing before does not have the heads are read, and the edges from
 * their second on are written, before the listing: a count that was killed does it again.
 *
 * Of two that count at once the slower one finds the summary changed and begins again, so that the listing that stays is
 * that of the last one through, read after all others' writes:
 *
 * `C1 reads v1 | C2 reads v1 | C2 puts listing, v2 | C1 puts listing | C1 put IF v1: refused | C1 reads v2, puts listing, v3`
 *
 * Killed between the two, a message is left that does it again. Throws FenceConflictError after five lost races.
 */
export function recount(deps: RecountDeps, request: RecountRequest): Promise<Recounted> {
  return withFence(async () => {
    const counted = await count(deps, request);
    await deps.listings.putListing(counted.listing);
    await deps.summaries.putSummary(counted.summary);
    return counted;
  });
}

/** Lets go of the records and of the listing before when it ends: writing a large listing takes enough by itself. */
async function count(deps: RecountDeps, request: RecountRequest): Promise<Recounted> {
  const { repository, now } = request;
  const previous = await deps.summaries.findSummary(repository);
  const before = await listingBefore(deps.listings, repository);
  const { images, ...counts } = await readRecords(deps, repository);
  const asOf = now.toISOString();
  const listing = await buildListing(deps.manifests, { repository, asOf, images, before, ...counts });
  return { listing, summary: summarise(request, { listing, previous, ...counts }) };
}

/** Only a saving of reads: a damaged one is written anew like any other. */
async function listingBefore(
  listings: ListingStore,
  repository: RepositoryRef,
): Promise<Listing | undefined> {
  try {
    return await listings.findListing(repository);
  } catch (error) {
    if (error instanceof UnreadableListingError) return undefined;
    throw error;
  }
}

type Counts = {
  readonly tags: number;
  readonly openViolations: number;
  readonly tagsOf: ReadonlyMap<string, readonly string[]>;
};

async function readRecords(
  { images, tags, violations }: RecountDeps,
  repository: RepositoryRef,
): Promise<Counts & { readonly images: readonly ImageRecord[] }> {
  const open: ImageRecord[] = [];
  for await (const image of images.listImages(repository)) open.push(image);
  const tagsOf = new Map<string, string[]>();
  let pointing = 0;
  for await (const { tag, digest } of tags.listTags(repository)) {
    if (digest === null) continue;
    pointing += 1;
    const others = tagsOf.get(digest);
    if (others) others.push(tag);
    else tagsOf.set(digest, [tag]);
  }
  let openViolations = 0;
  for await (const _ of violations.listOpenViolations(repository)) openViolations += 1;
  return { images: open, tags: pointing, openViolations, tagsOf };
}

type Counted = Counts & {
  readonly listing: Listing;
  readonly previous: RepositorySummary | undefined;
};

function summarise({ swept, heardAt }: RecountRequest, counted: Counted): RepositorySummary {
  const { listing, previous, tags, openViolations } = counted;
  const { account, region, repository, asOf, images } = listing;
  const { bytes: billed, ...billing } = billedBytes(sizedImages(listing));
  const lastEventAt = later(previous?.lastEventAt, heardAt);
  return {
    account,
    region,
    repository,
    images: images.length,
    tags,
    openViolations,
    bytes: images.reduce((sum, { size }) => sum + (size ?? 0), 0),
    billedBytes: billed,
    ...billing,
    asOf,
    ...(lastEventAt !== undefined && { lastEventAt }),
    ...(swept ? sweptFields(swept, previous) : keptFields(previous, images.length > 0)),
    version: (previous?.version ?? 0) + 1,
  };
}

type SweptFields = Pick<
  RepositorySummary,
  "completeSince" | "reconciledAt" | "resourceTags" | "goneAt" | "lastError" | "lastErrorAt"
>;

function sweptFields(
  { at, gap, gone, resourceTags }: Swept,
  previous: RepositorySummary | undefined,
): SweptFields {
  const reconciledAt = at.toISOString();
  const tags = resourceTags ?? previous?.resourceTags;
  return {
    completeSince: (gap ? undefined : previous?.completeSince) ?? reconciledAt,
    reconciledAt,
    ...(tags && { resourceTags: tags }),
    ...(gone && { goneAt: previous?.goneAt ?? reconciledAt }),
  };
}

/** A repository that has images is there again. */
function keptFields(previous: RepositorySummary | undefined, isThere: boolean): SweptFields {
  const { completeSince, reconciledAt, resourceTags, goneAt, lastError, lastErrorAt } = previous ?? {};
  return {
    ...(completeSince !== undefined && { completeSince }),
    ...(reconciledAt !== undefined && { reconciledAt }),
    ...(resourceTags && { resourceTags }),
    ...(goneAt !== undefined && !isThere && { goneAt }),
    ...(lastError !== undefined && { lastError }),
    ...(lastErrorAt !== undefined && { lastErrorAt }),
  };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
