import type { ImageRecord } from "./records.ts";

/** One stage of an image's life in a repository: there or gone, and in which storage class; ended by the next. */
export type LifeStage = Pick<ImageRecord, "state" | "status" | "since" | "cause" | "why" | "version"> & {
  readonly until?: string;
};

type Stage = Pick<ImageRecord, "state" | "status">;

/** A closed record keeps the storage class that the image had, which makes no difference any more. */
export function isSameStage(a: Stage, b: Stage): boolean {
  return a.state === b.state && (a.state === "closed" || a.status === b.status);
}

/**
 * An image's record and the stages that were settled before it as one list, oldest first, by version: never by time, which
 * may be set back. After a crash between the two writes of a stage's end the stage is in both, perhaps under a later
 * version: it appears once.
 */
export function mergeStages(
  record: ImageRecord | undefined,
  settled: readonly ImageRecord[],
): readonly LifeStage[] {
  const states = new Map([...settled, ...(record ? [record] : [])].map((state) => [state.version, state]));
  const ordered = [...states.values()].toSorted((a, b) => a.version - b.version);
  const distinct = ordered.filter((state, i) => !isSameInterval(state, ordered[i + 1]));
  return distinct.map(({ state, status, since, cause, why, version }, i) => {
    const until = distinct[i + 1]?.since;
    return {
      state,
      status,
      since,
      ...(until !== undefined && { until }),
      cause,
      ...(why !== undefined && { why }),
      version,
    };
  });
}

function isSameInterval(state: ImageRecord, next: ImageRecord | undefined): boolean {
  return next !== undefined && isSameStage(state, next) && state.since === next.since;
}
