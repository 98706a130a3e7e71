import { childrenOf, parentsOf } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import type { Change } from "./core.ts";
import type { ImageReference } from "./errors.ts";
import { resolveImage } from "./find-image.ts";

export type OrderedDeletion = {
  /** The place in what was asked for. */
  readonly at: number;
  readonly reference: ImageReference;
  /** What keeps the image, where that is to be as it was before the first deletion. */
  readonly indexes: readonly string[] | undefined;
};

/** What one call deletes, in the order in which it does: the switch `deletionOrder` says. */
export function inDeletionOrder(
  { sql, switches }: Change,
  repository: Repository,
  references: readonly ImageReference[],
): readonly OrderedDeletion[] {
  const asked = references.map((reference, at) => {
    const digest = resolveImage(sql, repository, reference).found?.digest;
    return { at, reference, digest, indexes: undefined };
  });
  switch (switches.deletionOrder) {
    case "given":
      return asked;
    case "indexedStay":
      return asked.map((each) => ({
        ...each,
        indexes: each.digest === undefined ? [] : parentsOf(sql, repository.id, each.digest),
      }));
    case "parentsFirst": {
      const isIndex = ({ digest }: { digest: string | undefined }) =>
        digest !== undefined && childrenOf(sql, repository.id, digest).length > 0;
      return [...asked.filter(isIndex), ...asked.filter((each) => !isIndex(each))];
    }
  }
}
