import type { ImageRecord, RepositorySummary } from "../inventory/records.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/** How sure it is what is said of a repository: when it was last looked at, and in words what is not known. */
export type Certainty = RepositoryRef &
  Pick<RepositorySummary, "completeSince" | "reconciledAt" | "lastEventAt"> & {
    readonly unknown: readonly string[];
  };

/** `record`: what is known of the image; absent: nothing. */
export function certaintyOf(
  { account, region, repository }: RepositoryRef,
  summary: RepositorySummary | undefined,
  record: ImageRecord | undefined,
): Certainty {
  const { completeSince, reconciledAt, lastEventAt } = summary ?? {};
  return {
    account,
    region,
    repository,
    ...(completeSince !== undefined && { completeSince }),
    ...(reconciledAt !== undefined && { reconciledAt }),
    ...(lastEventAt !== undefined && { lastEventAt }),
    unknown: [...gaps(summary, record), ...ofImage(record)],
  };
}

function gaps(summary: RepositorySummary | undefined, record: ImageRecord | undefined): readonly string[] {
  const { completeSince, reconciledAt, lastError } = summary ?? {};
  if (reconciledAt === undefined)
    return ["No reconcile has compared this repository yet: what no event told is not known."];
  const failed =
    lastError === undefined ? [] : [`The last reconcile failed (${lastError}): events alone told since.`];
  const began = record?.firstSeenAt ?? "";
  if (completeSince === undefined || completeSince <= began) return failed;
  return [
    ...failed,
    `What happened before ${completeSince} may not be all: only since then is no event known to be missing.`,
  ];
}

function ofImage(record: ImageRecord | undefined): readonly string[] {
  if (record?.cause === "reconcile" && record.state === "closed")
    return ["That it went was found by a reconcile: it may have gone earlier, since the one before."];
  return record?.cause === "reconcile" && record.version === 1
    ? ["A reconcile found it: when it and its tags came, nobody told."]
    : [];
}
