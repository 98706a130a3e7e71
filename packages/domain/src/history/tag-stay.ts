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
