import { deleted } from "../events/image-action.ts";
import { deleteImage, parentsOf } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { deleteTag, tagsOf } from "../storage/tags.ts";
import type { Change } from "./core.ts";
import type { ImageReference } from "./errors.ts";
import { type ImageFailure, resolveImage } from "./find-image.ts";

export type DeletionResult = {
  /** One per tag that went; one without a tag for an image that had none. */
  readonly deleted: readonly { readonly digest: string; readonly tag?: string }[];
  readonly failures: readonly { readonly reference: ImageReference; readonly failure: ImageFailure }[];
};

/**
 * Deletes images in the order given. By tag alone: the tag goes, and with the last tag the image. By digest (or by
 * digest and tag, which must agree): the tag where one was named and others remain, otherwise the image with all its
 * tags. An image that an index refers to stays.
 */
export function deleteImages(
  change: Change,
  repository: Repository,
  references: readonly ImageReference[],
): DeletionResult {
  const gone: DeletionResult["deleted"][number][] = [];
  const failures: DeletionResult["failures"][number][] = [];
  for (const reference of references) {
    const outcome = deleteOne(change, repository, reference);
    if ("failure" in outcome) failures.push({ reference, failure: outcome.failure });
    else gone.push(...outcome.deleted);
  }
  return { deleted: gone, failures };
}

type Outcome = { readonly failure: ImageFailure } | Pick<DeletionResult, "deleted">;

function deleteOne(change: Change, repository: Repository, reference: ImageReference): Outcome {
  const { sql, now } = change;
  const { found: image, failure } = resolveImage(sql, repository, reference);
  if (image === undefined) return { failure };
  const tags = tagsOf(sql, repository.id, image.digest);
  const event = (tag: string | undefined) => change.emit(deleted({ repository, image, time: now }, tag));

  if (reference.tag !== undefined && tags.length > 1) {
    deleteTag(sql, repository.id, reference.tag);
    event(reference.tag);
    return { deleted: [{ digest: image.digest, tag: reference.tag }] };
  }
  const parents = parentsOf(sql, repository.id, image.digest);
  if (parents.length > 0) {
    const reason = `Requested image referenced by manifest list: [${parents.join(", ")}]`;
    return { failure: { code: "ImageReferencedByManifestList", reason } };
  }
  deleteImage(sql, repository.id, image.digest);
  if (tags.length === 0) {
    event(undefined);
    return { deleted: [{ digest: image.digest }] };
  }
  for (const tag of tags) event(tag);
  return { deleted: tags.map((tag) => ({ digest: image.digest, tag })) };
}
