import type { Fact } from "./compare.ts";
import type { Operation } from "./plan.ts";

/** No event tells of a pull. */
export const NEVER_TOLD: readonly Fact[] = ["lastPulledAt"];

/** Every switch of the registry's events at the value that tells most. */
export const ALL_ON = {
  expiryEvents: true,
  untagEvents: true,
  deleteEventsPer: "tag",
  repositoryDeleteEvents: true,
  untaggedPushEvents: true,
  untaggedPushTag: "empty",
  pushMediaTypes: true,
  retagEvents: true,
  repushEvents: true,
  referrerEvents: "both",
  replicationFailureEvents: true,
  reactivationEvents: true,
  serviceEventRules: "enabled",
} as const;

/** And at the value that tells least. */
export const ALL_OFF = {
  expiryEvents: false,
  untagEvents: false,
  deleteEventsPer: "image",
  repositoryDeleteEvents: false,
  untaggedPushEvents: false,
  untaggedPushTag: "absent",
  pushMediaTypes: false,
  retagEvents: false,
  repushEvents: false,
  referrerEvents: "image",
  replicationFailureEvents: false,
  reactivationEvents: false,
  serviceEventRules: "allManagementEvents",
} as const;

/** One image or tag that is another after an operation; `undefined`: it is not there. */
export type Change = {
  readonly kind: "image" | "tag";
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** It came from another registry. Copies are told of, each with its tag. */
  readonly copied: boolean;
  /** The images that were there before the operation; from the archive one comes back when it is pushed again, and that is told. */
  readonly wasActive: (digest: string) => boolean;
  /** The images that are there after it, and those with a tag. */
  readonly isThere: (digest: string) => boolean;
  readonly isTagged: (digest: string) => boolean;
};

/** What goes unheard with every switch off and no trail of CloudTrail; docs/operations.md says it in these words. */
export const UNHEARD = {
  untaggedPush: "an image pushed without a tag: the children of an index, signatures and other referrers",
  retag: "a tag put on an image that is there already",
  untag: "a tag that is removed while its image stays",
  expiry: "images that a lifecycle policy expires, and their tags",
  repository: "a repository that is deleted, with its images and tags",
} as const;
export type Unheard = keyof typeof UNHEARD;

/** Why nobody heard of a change; undefined: somebody did. */
export function whyUnheard({ kind: operation }: Operation, change: Change): Unheard | undefined {
  const { kind, name, before, after, copied } = change;
  if (copied) return undefined;
  if (operation === "delete repository") return "repository";
  if (operation === "lifecycle run" && after === undefined) return "expiry";
  if (kind === "image" && before === undefined && !change.isTagged(name)) return "untaggedPush";
  if (kind === "tag" && after !== undefined && change.wasActive(after)) return "retag";
  if (kind === "tag" && after === undefined && before !== undefined && change.isThere(before)) return "untag";
  return undefined;
}
