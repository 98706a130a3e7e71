import type { Cause } from "../inventory/records.ts";
import type { Registry } from "../registry/registry.ts";
import type { Deed } from "./deed.ts";

/**
 * What can happen to an image in a repository. `seen`: it is there, and nobody told how it came. `copied`: a copy of it
 * arrived elsewhere. `attempted`: somebody tried, and it failed. `called`: somebody asked for it, and nothing was seen to
 * change.
 */
export const HAPPENINGS = [
  "pushed",
  "replicated",
  "pulled-through",
  "seen",
  "restoring",
  "restored",
  "tagged",
  "untagged",
  "archived",
  "expired",
  "deleted",
  "copied",
  "copy-failed",
  "copy-late",
  "attempted",
  "called",
] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** One thing that happened to an image in one repository. */
export type LifeEntry = {
  /** When we saw it; of what only CloudTrail tells, and of copies: when it was done. */
  readonly at: string;
  readonly what: Happening;
  /** Of `tagged`, `untagged` and copies. */
  readonly tag?: string;
  /** Of `untagged`: the digest that the tag moved to; absent: it points nowhere now. */
  readonly to?: string;
  /** Of a copy: where it went, or came from. */
  readonly registry?: Registry;
  /** How we came to know. */
  readonly cause?: Cause;
  /** In words: by which rule, or why it failed. */
  readonly why?: string;
  /** Who did it, and when, as CloudTrail says. */
  readonly by?: string;
  readonly doneAt?: string;
  /** Of what only CloudTrail tells: what was asked for. */
  readonly action?: Deed["action"];
};
