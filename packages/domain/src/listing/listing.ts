import type { ImageStatus } from "../image/image.ts";
import type { ManifestKnowledge } from "../inventory/records.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/** One image that is there, in a repository's listing. Bytes and times as in ImageRecord. */
export type ListedImage = {
  readonly digest: string;
  /** In order of their names. */
  readonly tags: readonly string[];
  readonly status: ImageStatus;
  readonly mediaType?: string;
  readonly artifactMediaType?: string;
  readonly size?: number;
  readonly pushedAt?: string;
  readonly lastPulledAt?: string;
  readonly subject?: string;
  readonly firstSeenAt: string;
  readonly manifest: ManifestKnowledge;
  /** Its layers, as places in the listing's `layers`; an index has none. Absent: they are not known. */
  readonly layers?: readonly number[];
};

/** A layer and its compressed size in bytes. */
export type Layer = { readonly digest: string; readonly size: number };

/**
 * Everything a repository holds, in one object of the bucket: what a partition of the table cannot sort by. Rewritten
 * with the repository's summary; `asOf` says when.
 */
export type Listing = RepositoryRef & {
  readonly asOf: string;
  /** In order of their digests. */
  readonly images: readonly ListedImage[];
  /** Each layer of the repository once, in order of their digests: what ECR bills. */
  readonly layers: readonly Layer[];
};
