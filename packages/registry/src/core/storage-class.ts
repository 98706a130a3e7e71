import { storageClassUpdated } from "../events/image-action.ts";
import { imageActivated } from "../events/trail/service-event.ts";
import { requestReplication } from "../replication/request-replication.ts";
import { findImage, parentsOf, type StoredImage, setActive, setArchived } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { tagsOf } from "../storage/tags.ts";
import type { Change } from "./core.ts";
import { EcrError } from "./errors.ts";

/**
 * Archives an image, or restores it: at once, where ECR takes up to 20 minutes. A restored image is replicated like
 * a pushed one. What is in the asked state already stays as it is, without an event.
 *
 * Throws ImageStorageClassUpdateNotSupportedException for the child of an active index: an index goes first.
 */
export function updateStorageClass(
  change: Change,
  repository: Repository,
  update: { readonly image: StoredImage; readonly target: "ARCHIVE" | "STANDARD" },
): "ACTIVE" | "ARCHIVED" {
  const { image, target } = update;
  const status = target === "ARCHIVE" ? "ARCHIVED" : "ACTIVE";
  if (image.status === status) return status;
  if (target === "ARCHIVE") archive(change, repository, image);
  else restore(change, repository, image);
  change.emit(storageClassUpdated({ repository, image, time: change.now }, target));
  if (target === "STANDARD")
    change.emit(imageActivated({ repository, digest: image.digest, time: change.now }));
  return status;
}

function archive({ sql, now }: Change, repository: Repository, image: StoredImage): void {
  const parents = parentsOf(sql, repository.id, image.digest);
  const active = parents.find((parent) => findImage(sql, repository.id, parent)?.status === "ACTIVE");
  if (active !== undefined) {
    throw new EcrError(
      "ImageStorageClassUpdateNotSupportedException",
      `Requested image referenced by active manifest list: [${active}]. Archive the list first.`,
    );
  }
  setArchived(sql, repository.id, image.digest, now.getTime());
}

function restore({ sql, now }: Change, repository: Repository, image: StoredImage): void {
  setActive(sql, repository.id, image.digest, now.getTime());
  const tags = tagsOf(sql, repository.id, image.digest);
  requestReplication(sql, repository, { digest: image.digest, tags: tags.length === 0 ? [""] : tags });
}
