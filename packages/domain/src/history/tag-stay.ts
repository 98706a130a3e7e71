import type { Cause, TagPointer } from "../inventory/records.ts";

/** A time in which a tag pointed at a digest. */
export type TagStay = Pick<TagPointer, "tag" | "since" | "cause" | "why" | "version"> & {
  readonly digest: string;
  /** Absent: it points there still. */
  readonly ended?: StayEnd;
};

/** `to`: the digest that the tag moved to; null: it was gone. */
export type StayEnd = {
  readonly at: string;
  readonly cause: Cause;
  readonly why?: string;
  readonly to: string | null;
};

/**
 * Where tags point at a digest now and where they did, each time once: after a crash between the two writes of a move the
 * stay is in both, and a settled one perhaps twice, under a later version.
 */
export function mergeStays(
  digest: string,
  pointers: readonly TagPointer[],
  settled: readonly TagStay[],
): readonly TagStay[] {
  const stays = new Map<string, TagStay>();
  for (const stay of settled.toSorted((a, b) => a.version - b.version)) stays.set(keyOf(stay), stay);
  for (const pointer of pointers)
    if (pointer.digest === digest) stays.set(keyOf(pointer), stayOf(pointer, digest));
  return [...stays.values()].toSorted((a, b) =>
    a.tag === b.tag ? a.version - b.version : a.tag < b.tag ? -1 : 1,
  );
}

function keyOf({ tag, since }: Pick<TagStay, "tag" | "since">): string {
  return `${tag} ${since}`;
}

function stayOf({ tag, since, cause, why, version }: TagPointer, digest: string): TagStay {
  return { tag, digest, since, cause, ...(why !== undefined && { why }), version };
}
