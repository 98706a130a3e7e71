import type { ImageStatus } from "../image/image.ts";

/** What lifecycle rules look at in one image. Times in milliseconds since the epoch. */
export type LifecycleImage = {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly status: ImageStatus;
  /** Retagging does not renew it. */
  readonly pushedAt: number;
  readonly lastPulledAt: number | null;
  readonly lastArchivedAt: number | null;
  /** Last restored from the archive. */
  readonly lastActivatedAt: number | null;
  /** The image that this one is attached to, there or not. */
  readonly subject: string | null;
  /** Digests of the indexes of the repository that refer to it. */
  readonly parents: readonly string[];
};
