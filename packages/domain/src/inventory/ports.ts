import type { AuditEntry } from "../audit/audit-entry.ts";
import type { Brake } from "../brake/brake.ts";
import type { Change } from "../history/change.ts";
import type { TagStay } from "../history/tag-stay.ts";
import type { ManifestEdge } from "../image/image.ts";
import type { ManifestContents, ManifestHead } from "../manifest/contents.ts";
import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { LifeStage } from "./life-stages.ts";
import type {
  ImageRecord,
  ReplicaRecord,
  RepositorySummary,
  TagInterval,
  TagPointer,
  ViolationRecord,
} from "./records.ts";
import type { Settled } from "./settled.ts";

/**
 * Fenced storage. Every `find*` is a strongly consistent read. Every `put*` writes the record with its `version` on
 * condition that the stored version is `version - 1` (or, for version 1, that nothing is stored), and throws
 * `FenceConflictError` otherwise: read again, decide again. Nothing is computed from the previous value of another item.
 */
export type ImageStore = {
  findImage(repository: RepositoryRef, digest: string): Promise<ImageRecord | undefined>;
  /**
   * `settled`: the record whose life stage `record` ends. It is written as history first (not-exists), as with tags, so
   * that no stage of a digest's life is lost.
   */
  putImage(record: ImageRecord, settled?: Settled<ImageRecord>): Promise<void>;
  /** Every open image record of a repository, for reconcile. Strongly consistent pages. */
  listImages(repository: RepositoryRef): AsyncIterable<ImageRecord>;
};

export type TagStore = {
  findTag(repository: RepositoryRef, tag: string): Promise<TagPointer | undefined>;
  /**
   * History first: writes the state that `next` ends (not-exists), then the pointer on its fence. Where the digest stays
   * the same nothing ends, and only the pointer is written.
   */
  moveTag(settled: Settled<TagPointer> | undefined, next: TagPointer): Promise<void>;
  listTags(repository: RepositoryRef): AsyncIterable<TagPointer>;
  /** Tags of this repository that the inventory believes point at the digest. Eventually consistent (an index). */
  listTagsOf(repository: RepositoryRef, digest: string): AsyncIterable<TagPointer>;
};

export type ManifestStore = {
  hasManifest(digest: string): Promise<boolean>;
  /** The heads of those that are stored, by digest. Strongly consistent; any number of digests, each once. */
  findHeads(digests: readonly string[]): Promise<ReadonlyMap<string, ManifestHead>>;
  /** Body first, head last (both not-exists). The head stands for its first edge; `putEdges` writes the others. */
  putManifest(manifest: {
    readonly digest: string;
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly contents: ManifestContents;
  }): Promise<void>;
  /**
   * Makes sure that each manifest that a stored head names is found from there (not-exists): what is left of its edges.
   * Done when a repository is counted, not when something is pushed.
   */
  putEdges(head: ManifestHead): Promise<void>;
};

export type ViolationStore = {
  findViolation(key: ViolationKey): Promise<ViolationRecord | undefined>;
  putViolation(record: ViolationRecord): Promise<void>;
  listOpenViolations(repository: RepositoryRef): AsyncIterable<ViolationRecord>;
};
/** A tag breaks a rule once at a time, whichever image it points to. */
export type ViolationKey = RepositoryRef & { readonly rule: string; readonly tag: string };

export type ReplicaStore = {
  findReplica(key: ReplicaKey): Promise<ReplicaRecord | undefined>;
  putReplica(record: ReplicaRecord): Promise<void>;
  /** Copies whose `checkAt` is `now` or before. Eventually consistent: one may come a minute late, or as it was before. */
  listDue(now: string): AsyncIterable<ReplicaRecord>;
};
export type ReplicaKey = Pick<ReplicaRecord, "destination" | "repository" | "digest" | "tag">;

export type SummaryStore = {
  findSummary(repository: RepositoryRef): Promise<RepositorySummary | undefined>;
  putSummary(summary: RepositorySummary): Promise<void>;
  /** Names of the registry's repositories that have a summary, gone ones included. Eventually consistent. */
  listRepositories(registry: Registry): AsyncIterable<string>;
  /** The summaries of a registry's repositories, gone ones included. Eventually consistent. */
  listSummaries(registry: Registry): AsyncIterable<RepositorySummary>;
};

export type BrakeStore = {
  /** Strongly consistent; a read that fails throws, and the caller does not act. */
  readBrake(): Promise<Brake>;
  putBrake(brake: Brake): Promise<void>;
};

export type AuditTrail = { append(entry: AuditEntry): Promise<void> };

/** One page of a list and where the next begins; `next` is opaque to everyone but the store. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string };
export type PageRequest = { readonly limit: number; readonly next?: string };

/** What the admin API reads. Lists are eventually consistent pages. */
export type InventoryQueries = {
  listRepositories(page: PageRequest): Promise<Page<RepositorySummary>>;
  /** Images of one repository, open and closed. */
  listImages(repository: RepositoryRef, page: PageRequest): Promise<Page<ImageRecord>>;
  /** Pointers of one repository (to show an image's tags). */
  listTags(repository: RepositoryRef, page: PageRequest): Promise<Page<TagPointer>>;
  /** Every registry's record of a digest. */
  listImagesByDigest(digest: string, page: PageRequest): Promise<Page<ImageRecord>>;
  listTagsByDigest(digest: string, page: PageRequest): Promise<Page<TagPointer>>;
  /** Pointer and history merged by version, oldest first. */
  listTagHistory(repository: RepositoryRef, tag: string, page: PageRequest): Promise<Page<TagInterval>>;
  /** The stages of an image's life in one repository, record and history merged by version, oldest first. */
  listImageLife(repository: RepositoryRef, digest: string, page: PageRequest): Promise<Page<LifeStage>>;
  /** Settled intervals in which tags of this repository pointed at the digest, by tag. */
  listTagStays(repository: RepositoryRef, digest: string, page: PageRequest): Promise<Page<TagStay>>;
  /**
   * Images and tags whose last change was after `since`, newest first, as they are now. Looks at ten days at a time: a
   * page may be empty and have a `next` all the same.
   */
  listChanges(
    time: { readonly since: string; readonly now: string },
    page: PageRequest,
  ): Promise<Page<Change>>;
  /** Open ones, or all of the image that they were last of. */
  listViolations(
    filter: { readonly state: "open" } | { readonly digest: string },
    page: PageRequest,
  ): Promise<Page<ViolationRecord>>;
  /** Overdue (and failed) ones: first those that are still looked for, the next to come first. */
  listReplicas(
    filter:
      | { readonly digest: string }
      | { readonly destination: RepositoryRef }
      | { readonly overdue: true },
    page: PageRequest,
  ): Promise<Page<ReplicaRecord>>;
  /** Digests of the manifests that name this one: indexes that have it as a child, or referrers that have it as subject. */
  listReferring(digest: string, kind: ManifestEdge["kind"], page: PageRequest): Promise<Page<string>>;
  /** One UTC day of the audit trail, `YYYY-MM-DD`, newest first. */
  listAudit(day: string, page: PageRequest): Promise<Page<AuditEntry>>;
};
