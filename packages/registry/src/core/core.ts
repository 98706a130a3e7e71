import type { EcrEvent } from "../ecr-event.ts";
import type { BlobFiles } from "../storage/blob-files.ts";
import type { Sql } from "../storage/database.ts";
import type { LayerLeases } from "../storage/layer-leases.ts";
import type { UploadSessions } from "../storage/upload-sessions.ts";
import type { PendingPulls } from "./pending-pulls.ts";
import type { ManifestSigner } from "./schema1-signature.ts";
import type { Switches } from "./switches.ts";

/** Limits and durations; every one is ECR's own unless the embedder says otherwise. */
export type Limits = {
  /** Of one account in one Region. */
  readonly maxRepositories: number;
  readonly maxManifestBytes: number;
  readonly maxLayerBytes: number;
  readonly maxOpenUploads: number;
  /** Milliseconds, real ones, after which an upload that received nothing is given up. */
  readonly uploadLife: number;
  /** Milliseconds for which a layer that no image uses is kept: its image may still be on the way. */
  readonly unusedLayerLife: number;
  /** Milliseconds, real ones, for which a layer is kept that some client was told is there. */
  readonly layerLease: number;
  readonly maxTagsPerImage: number;
  /** Of one repository; artifacts and the children of indexes count too. */
  readonly maxImagesPerRepository: number;
  /**
   * How long a restore from the archive takes, in milliseconds: on ECR up to 20 minutes, here by default what a person
   * can wait for.
   */
  readonly restoreDuration: number;
  /**
   * How far apart two movements of `lastRecordedPullTime` are at least, in milliseconds. ECR refreshes about once in
   * 24 h (86,400,000); 0 is exact, which is what a person who tries something out expects.
   */
  readonly pullTimeGranularity: number;
  /** Milliseconds from one run of a repository's lifecycle policy to the next; ECR acts "within 24 hours". */
  readonly lifecycleInterval: number;
  /** Milliseconds for which a lifecycle policy preview is IN_PROGRESS. */
  readonly previewDuration: number;
};

export const DEFAULT_LIMITS: Limits = {
  maxRepositories: 100_000,
  maxManifestBytes: 4_194_304,
  maxLayerBytes: 52_000 * 1024 * 1024,
  maxOpenUploads: 1_000,
  uploadLife: 24 * 60 * 60 * 1000,
  unusedLayerLife: 24 * 60 * 60 * 1000,
  layerLease: 24 * 60 * 60 * 1000,
  maxTagsPerImage: 1_000,
  maxImagesPerRepository: 100_000,
  restoreDuration: 10_000,
  pullTimeGranularity: 0,
  lifecycleInterval: 24 * 60 * 60 * 1000,
  previewDuration: 1000,
};

/** A write in progress: what it says to the outside is said only after the commit. */
export type Change = {
  readonly sql: Sql;
  readonly now: Date;
  readonly limits: Limits;
  readonly switches: Switches;
  emit(event: EcrEvent): void;
};

/** What both protocols stand on. */
export type Core = {
  readonly sql: Sql;
  readonly blobs: BlobFiles;
  readonly uploads: UploadSessions;
  readonly leases: LayerLeases;
  readonly pulls: PendingPulls;
  readonly signManifest: ManifestSigner;
  readonly limits: Limits;
  /** As they stand now: they may be set while the registry runs. */
  readonly switches: Switches;
  now(): Date;
  /** Whether a policy may name it (an account, an ARN, a unique id): AWS refuses to name who is not there. */
  isPrincipal(name: string): boolean;
  /**
   * One atomic write: `work` either happens as a whole and is on the disk, or not at all. Its events are emitted, in
   * order, after the commit; a crash in between loses them, as ECR's best-effort events may be lost.
   */
  change<T>(work: (change: Change) => T): T;
  /** The same, together with what others ask for right now: one sync for all. `work` may run twice. */
  changeTogether<T>(work: (change: Change) => T): Promise<T>;
};
