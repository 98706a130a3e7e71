import { deleted } from "../events/image-action.ts";
import { deleteImage, parentsOf } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { deleteTag, tagsOf } from "../storage/tags.ts";
import { announceDeletion } from "./announce-deletion.ts";
import type { Change } from "./core.ts";
import { inDeletionOrder } from "./deletion-order.ts";
import type { ImageReference } from "./errors.ts";
import { type ImageFailure, resolveImage } from "./find-image.ts";

export type DeletionResult = {
  /** One per tag that went; one without a tag for an image that had none. */
  readonly deleted: readonly { readonly digest: string; readonly tag?: string }[];
  readonly failures: readonly { readonly reference: ImageReference; readonly failure: ImageFailure }[];
};

/**
 * Deletes images, each for itself and in the order given unless a switch has another. By tag alone: the tag goes, and with
 * the last tag the image. By digest (or by digest and tag, which must agree): the tag where one was named and others
 * remain, otherwise the image with all its tags. An image that an index refers to stays. Answers in the order given.
 */
export function deleteImages(
  change: Change,
  repository: Repository,
  references: readonly ImageReference[],
): DeletionResult {
  const outcomes = new Map<number, Outcome>();
  for (const { at, reference, indexes } of inDeletionOrder(change, repository, references))
    outcomes.set(at, deleteOne(change, repository, { reference, indexes }));
  const answers = references.map((reference, at) => ({ reference, outcome: outcomes.get(at) ?? NOTHING }));
  return {
    deleted: answers.flatMap(({ outcome }) => ("failure" in outcome ? [] : outcome.deleted)),
    failures: answers.flatMap(({ reference, outcome }) =>
      "failure" in outcome ? [{ reference, failure: outcome.failure }] : [],
    ),
  };
}

type Outcome = { readonly failure: ImageFailure } | Pick<DeletionResult, "deleted">;
const NOTHING: Outcome = { deleted: [] };

type Deletion = {
  readonly reference: ImageReference;
  /** The indexes that keep the image, where that was found out beforehand. */
  readonly indexes: readonly string[] | undefined;
};

function deleteOne(change: Change, repository: Repository, { reference, indexes }: Deletion): Outcome {
  const { sql, now, switches } = change;
  const { found: image, failure } = resolveImage(sql, repository, reference);
  if (image === undefined) return { failure };
  const tags = tagsOf(sql, repository.id, image.digest);
  if (reference.tag !== undefined && tags.length > 1) {
    deleteTag(sql, repository.id, reference.tag);
    if (switches.untagEvents) change.emit(deleted({ repository, image, time: now }, reference.tag));
    return { deleted: [{ digest: image.digest, tag: reference.tag }] };
  }
  const parents = indexes ?? parentsOf(sql, repository.id, image.digest);
  if (parents.length > 0) {
    const reason = `Requested image referenced by manifest list: [${parents.join(", ")}]`;
    return { failure: { code: "ImageReferencedByManifestList", reason } };
  }
  deleteImage(sql, repository.id, image.digest);
  announceDeletion(change, repository, { image, tags });
  if (tags.length === 0) return { deleted: [{ digest: image.digest }] };
  return { deleted: tags.map((tag) => ({ digest: image.digest, tag })) };
}
