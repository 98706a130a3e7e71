import type { ImageStatus } from "../image/image.ts";
import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/**
 * The inventory's records, as rules, readers and writers see them. How they lie in DynamoDB is
 * `packages/aws/src/dynamodb/layout.ts`. Times are ISO 8601 UTC with milliseconds; `version` is the fence
 * (docs/architecture.md, "The write protocol"): 1 for the first write, then one more with each.
 */

/**
 * Why a state began, as far as whoever told us said: `reconcile`, nobody had told; `event`, something that has no name here.
 * `lifecycle`: the registry's own rules; `repository-delete`: it went with its repository.
 */
export const CAUSES = [
  "push",
  "delete",
  "archive",
  "restore",
  "lifecycle",
  "replication",
  "pull-through",
  "repository-delete",
  "reconcile",
  "event",
] as const;
export type Cause = (typeof CAUSES)[number];

/** Causes that say of what is not there that it was there until now. */
export const ENDINGS: readonly Cause[] = ["delete", "lifecycle", "repository-delete"];

/** `unreadable`: its bytes were read, but they are no manifest that we understand. The others: why it was not read. */
export type ManifestKnowledge = "known" | "exclusion-missing" | "not-found" | "inaccessible" | "unreadable";

/** One image in one repository: what the registry said in the last read. */
export type ImageRecord = RepositoryRef & {
  readonly digest: string;
  readonly version: number;
  /** `closed`: the registry said it is gone; kept as history. */
  readonly state: "open" | "closed";
  readonly status: ImageStatus;
  readonly mediaType?: string;
  readonly artifactMediaType?: string;
  readonly size?: number;
  readonly pushedAt?: string;
  readonly lastPulledAt?: string;
  readonly subject?: string;
  readonly firstSeenAt: string;
  readonly closedAt?: string;
  /** When its present life stage (open or closed, and its storage class) began, as we saw it, and why. */
  readonly since: string;
  readonly cause: Cause;
  /** In words, where whoever told us said: `lifecycle rule 2: keep ten`. */
  readonly why?: string;
  /** When anything but pull time and scan state last changed: what "changed since" goes by. */
  readonly changedAt: string;
  /** Closed ones: when the record may be forgotten. */
  readonly forgetAt?: string;
  /** Whether the manifest is known, and if not, why. */
  readonly manifest: ManifestKnowledge;
};

/**
 * Where a tag points now. `digest: null` means the tag is gone and its history remains. `event` is the id of the last
 * event that was heard of it, also when that changed nothing (docs/architecture.md, "The write protocol").
 */
export type TagPointer = RepositoryRef & {
  readonly tag: string;
  readonly digest: string | null;
  readonly since: string;
  readonly cause: Cause;
  /** In words, where whoever told us said. */
  readonly why?: string;
  readonly event?: string;
  /** Gone ones (`digest: null`): when the record may be forgotten. */
  readonly forgetAt?: string;
  readonly version: number;
};

/** One settled interval of a tag's past: the pointer's state with that version, ended by the next. */
export type TagInterval = {
  readonly tag: string;
  readonly digest: string | null;
  readonly since: string;
  readonly until?: string;
  readonly cause: Cause;
  readonly why?: string;
  readonly version: number;
};

/**
 * An open or closed breach of a tagging rule by one tag. `digest`: the image that the tag points to, or pointed to when it
 * closed; when the tag moves, the breach opens afresh with the next one, in the same record.
 */
export type ViolationRecord = RepositoryRef & {
  readonly rule: string;
  readonly digest: string;
  readonly tag: string;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly state: "open" | "closed";
  readonly openedAt: string;
  readonly closedAt?: string;
  /** When people were told; absent: not yet. */
  readonly noticedAt?: string;
  readonly version: number;
};

/** A copy that the registry's own replication rules promise. Keyed by destination, repository, digest and tag. */
export type ReplicaRecord = {
  readonly source: Registry;
  readonly destination: Registry;
  readonly repository: string;
  readonly digest: string;
  /** Empty string: the image was pushed without a tag. */
  readonly tag: string;
  readonly state: "pending" | "arrived" | "failed" | "overdue";
  readonly expectedAt: string;
  readonly arrivedAt?: string;
  /** How often it was looked for. */
  readonly checks: number;
  /** When to look for it again; absent: never. The time alone does not say that nobody is looking now. */
  readonly checkAt?: string;
  readonly failureCode?: string;
  /** When the notice of this state (overdue, failed) was handed over; absent: not yet, or nothing to tell. */
  readonly noticedAt?: string;
  readonly version: number;
};

/**
 * Per-repository totals, recomputed from the repository's records by reconcile and a little after its events, never
 * counted up. `completeSince`: no gap between the events is known since then.
 */
export type RepositorySummary = RepositoryRef & {
  readonly images: number;
  readonly tags: number;
  readonly openViolations: number;
  /** Sum of the images' sizes as the registry says them; shared layers count every time. */
  readonly bytes: number;
  /** What ECR bills: each layer of the repository once, indexes nothing of their own. Absent: not counted yet. */
  readonly billedBytes?: number;
  /** The part of `billedBytes` that only archived images have. */
  readonly archivedBytes?: number;
  /** Images whose manifest is not known, so that `billedBytes` is too low by what they alone have. */
  readonly imagesOfUnknownSize?: number;
  readonly asOf: string;
  readonly completeSince?: string;
  readonly reconciledAt?: string;
  /** When the last event of it was heard, to about a minute. */
  readonly lastEventAt?: string;
  /** The repository's own resource tags (ListTagsForResource), as of the last reconcile. */
  readonly resourceTags?: Readonly<Record<string, string>>;
  /** When the registry was first seen not to have the repository any more. */
  readonly goneAt?: string;
  /** Why the last reconcile of it failed, if it did; absent again after one that did not. */
  readonly lastError?: string;
  readonly lastErrorAt?: string;
  readonly version: number;
};
