import { findImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { countTags } from "../storage/tags.ts";
import type { Change } from "./core.ts";
import { EcrError } from "./errors.ts";
import { isTagImmutable } from "./tag-mutability.ts";

export type TagMove = {
  readonly tag: string;
  /** Where the tag points now. */
  readonly from: string | undefined;
  readonly to: string;
};

/**
 * Throws ImageTagAlreadyExistsException for a tag that must stay where it is, and LimitExceededException when the image
 * has no room for one more.
 */
export function requireMovable(change: Change, repository: Repository, move: TagMove): void {
  const { tag, from, to } = move;
  const immutable = isTagImmutable(repository.settings, tag, change.switches.exclusionFilterMatch);
  if (from === to) {
    if (immutable && change.switches.immutableRepush === "refused") throw refusal(repository, tag);
    return;
  }
  if (from !== undefined && (immutable || isKept(change, repository, from))) throw refusal(repository, tag);
  const max = change.limits.maxTagsPerImage;
  if (countTags(change.sql, repository.id, to) < max) return;
  throw new EcrError(
    "LimitExceededException",
    `Adding tag '${tag}' to an image in the repository with name '${repository.name}' in registry with id ` +
      `'${repository.account}' exceeds the maximum allowed number of tags per image which is '${max}'`,
  );
}

/** Does the tag stay because the image that has it is archived? */
function isKept({ sql, switches }: Change, repository: Repository, digest: string): boolean {
  if (switches.tagOfArchivedImage === "moves") return false;
  return findImage(sql, repository.id, digest)?.status !== "ACTIVE";
}

function refusal(repository: Repository, tag: string): EcrError {
  const whole = repository.settings.tagMutability === "IMMUTABLE";
  return new EcrError(
    "ImageTagAlreadyExistsException",
    `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because ` +
      `the ${whole ? "repository" : "tag"} is immutable.`,
  );
}
