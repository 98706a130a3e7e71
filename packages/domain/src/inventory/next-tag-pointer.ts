import type { RepositoryRef } from "../registry/repository.ts";
import type { Cause, TagInterval, TagPointer } from "./records.ts";

export type TagReading = {
  readonly repository: RepositoryRef;
  readonly tag: string;
  /** What is stored, read before the registry was. */
  readonly previous: TagPointer | undefined;
  /** Where the registry says the tag points; null: nowhere. */
  readonly digest: string | null;
  readonly cause: Cause;
  readonly now: Date;
};

/**
 * The pointer to write on the fence `version - 1`, or undefined when what is stored already says so. Times are never
 * compared: moving a tag back to an older image renews nothing that ECR reports, and clocks may be set back.
 */
export function nextTagPointer({
  repository,
  tag,
  previous,
  digest,
  cause,
  now,
}: TagReading): TagPointer | undefined {
  if ((previous?.digest ?? null) === digest) return undefined;
  return {
    account: repository.account,
    region: repository.region,
    repository: repository.repository,
    tag,
    digest,
    since: now.toISOString(),
    cause,
    version: (previous?.version ?? 0) + 1,
  };
}

/**
 * A tag's history and its pointer as one list, oldest first, by version. After a crash between the two writes of a move
 * the settled state is in both: it appears once. Each interval ends where the next begins.
 */
export function mergeHistory(
  pointer: TagPointer | undefined,
  settled: readonly TagInterval[],
): readonly TagInterval[] {
  const states = new Map([...settled, ...(pointer ? [pointer] : [])].map((state) => [state.version, state]));
  const ordered = [...states.values()].toSorted((a, b) => a.version - b.version);
  return ordered.map(({ tag, digest, since, cause, version }, i) => {
    const until = ordered[i + 1]?.since;
    return { tag, digest, since, ...(until !== undefined && { until }), cause, version };
  });
}
