import type { RepositoryRef } from "../registry/repository.ts";
import { fittingCause } from "./fitting-cause.ts";
import { type Cause, ENDINGS, type TagInterval, type TagPointer } from "./records.ts";
import { beginning, forgetAfter } from "./settled.ts";

export type TagReading = {
  readonly repository: RepositoryRef;
  readonly tag: string;
  /** What is stored, read before the registry was. */
  readonly previous: TagPointer | undefined;
  /** Where the registry says the tag points; null: nowhere. */
  readonly digest: string | null;
  readonly cause: Cause;
  /** In words, where whoever told us said. */
  readonly why?: string;
  /** For how many days the record of a tag that is gone is kept. */
  readonly keepDays: number;
  /** The id of the event that led here; absent: nobody told. */
  readonly event?: string;
  readonly now: Date;
};

/**
 * The pointer to write on the fence `version - 1`, or undefined when what is stored already says so. Times are never
 * compared: moving a tag back to an older image renews nothing that ECR reports, and clocks may be set back.
 *
 * An event that is new advances the version even where nothing differs, once: whoever still holds a read from before it
 * is refused. Otherwise the fence would not see a tag that moved away and back:
 *
 * `pointer A v1 | W1 reads B | tag moves back to A | W2 reads A, equal: v2 | W1 put B IF v1: refused | W1 reads A`
 */
export function nextTagPointer(reading: TagReading): TagPointer | undefined {
  const { previous, digest, event } = reading;
  if ((previous?.digest ?? null) !== digest) return moved(reading);
  // A tag that was never known and is not there: worth an item only if someone else may be about to write that it is.
  if (!previous) return ENDINGS.includes(reading.cause) ? moved(reading) : undefined;
  if (event === undefined || event === previous.event) return undefined;
  return { ...previous, event, version: previous.version + 1 };
}

function moved(reading: TagReading): TagPointer {
  const { repository, tag, previous, digest, event, now } = reading;
  return {
    account: repository.account,
    region: repository.region,
    repository: repository.repository,
    tag,
    digest,
    since: beginning(previous, now),
    ...fittingCause(reading, { gone: digest === null }),
    ...(event !== undefined && { event }),
    ...(digest === null && { forgetAt: forgetAfter(now, reading.keepDays) }),
    version: (previous?.version ?? 0) + 1,
  };
}

/**
 * A tag's history and its pointer as one list, oldest first, by version. After a crash between the two writes of a move
 * the settled state is in both, perhaps under a later version: it appears once. Each interval ends where the next begins.
 */
export function mergeHistory(
  pointer: TagPointer | undefined,
  settled: readonly TagInterval[],
): readonly TagInterval[] {
  const states = new Map([...settled, ...(pointer ? [pointer] : [])].map((state) => [state.version, state]));
  const ordered = [...states.values()].toSorted((a, b) => a.version - b.version);
  const distinct = ordered.filter((state, i) => !isSameInterval(state, ordered[i + 1]));
  return distinct.map(({ tag, digest, since, cause, why, version }, i) => {
    const until = distinct[i + 1]?.since;
    return {
      tag,
      digest,
      since,
      ...(until !== undefined && { until }),
      cause,
      ...(why !== undefined && { why }),
      version,
    };
  });
}

function isSameInterval(state: TagInterval, next: TagInterval | undefined): boolean {
  return next !== undefined && state.digest === next.digest && state.since === next.since;
}
