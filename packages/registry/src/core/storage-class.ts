import type { ImageStatus } from "@tallyman/domain/image/image";
import { storageClassUpdated } from "../events/image-action.ts";
import {
  childrenOf,
  findImage,
  parentsOf,
  type StoredImage,
  setActivating,
  setArchived,
} from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import type { Change } from "./core.ts";
import { EcrError } from "./errors.ts";

export type StorageClassUpdate = { readonly image: StoredImage; readonly target: "ARCHIVE" | "STANDARD" };

/**
 * Archives an image at once, or begins to restore it: `restores.ts` ends that, after `limits.restoreDuration`. Answers with
 * the status that it has then. What is asked for already, or under way, stays as it is, without an event.
 *
 * Throws ImageStorageClassUpdateNotSupportedException for the child of an index that is not archived, because an index
 * goes first, and for archiving what is being restored.
 */
export function updateStorageClass(
  change: Change,
  repository: Repository,
  { image, target }: StorageClassUpdate,
): ImageStatus {
  if (target === "ARCHIVE")
    return image.status === "ARCHIVED" ? "ARCHIVED" : archive(change, repository, image);
  return image.status === "ARCHIVED" ? restore(change, repository, image) : image.status;
}

function archive(change: Change, repository: Repository, image: StoredImage): ImageStatus {
  const { sql, now, switches } = change;
  if (image.status === "ACTIVATING" && !switches.archiveActivatingImages)
    throw notSupported("Requested image is being restored. Archive it when it is active.");
  const [index] = indexesOf(change, repository, image.digest);
  if (index !== undefined && !switches.archiveIndexedImages)
    throw notSupported(
      `Requested image referenced by active manifest list: [${index}]. Archive the list first.`,
    );
  setArchived(sql, repository.id, image.digest, now.getTime());
  change.emit(storageClassUpdated({ repository, image, time: now }, "ARCHIVE"));
  if (switches.archiveChildrenWithIndex)
    for (const child of childrenWithStatus(change, repository, { index: image.digest, status: "ACTIVE" }))
      if (indexesOf(change, repository, child.digest).length === 0) archive(change, repository, child);
  return "ARCHIVED";
}

function restore(change: Change, repository: Repository, image: StoredImage): ImageStatus {
  setActivating(change.sql, repository.id, image.digest, change.now.getTime());
  if (change.switches.archiveChildrenWithIndex)
    for (const child of childrenWithStatus(change, repository, { index: image.digest, status: "ARCHIVED" }))
      restore(change, repository, child);
  return "ACTIVATING";
}

/** Indexes that are not archived and contain this image. */
function indexesOf({ sql }: Change, repository: Repository, digest: string): readonly string[] {
  const parents = parentsOf(sql, repository.id, digest);
  return parents.filter((parent) => findImage(sql, repository.id, parent)?.status !== "ARCHIVED");
}

function childrenWithStatus(
  { sql }: Change,
  repository: Repository,
  { index, status }: { readonly index: string; readonly status: ImageStatus },
): readonly StoredImage[] {
  const children = childrenOf(sql, repository.id, index).map((child) => findImage(sql, repository.id, child));
  return children.filter((child) => child !== undefined).filter((child) => child.status === status);
}

function notSupported(message: string): EcrError {
  return new EcrError("ImageStorageClassUpdateNotSupportedException", message);
}
