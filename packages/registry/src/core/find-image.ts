import { Tag } from "@tallyman/domain/image/digest";
import type { Sql } from "../storage/database.ts";
import { findImage, type StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { findTag } from "../storage/tags.ts";
import { EcrError, type ImageReference, imageNotFound } from "./errors.ts";

/** Why one image of a batch could not be served: ECR's `ImageFailureCode`. */
export type ImageFailure = {
  readonly code:
    | "InvalidImageDigest"
    | "InvalidImageTag"
    | "ImageTagDoesNotMatchDigest"
    | "ImageNotFound"
    | "MissingDigestAndTag"
    | "ImageReferencedByManifestList"
    | "ImageInaccessible";
  readonly reason: string;
};

const MALFORMED: ReadonlySet<ImageFailure["code"]> = new Set([
  "MissingDigestAndTag",
  "InvalidImageDigest",
  "InvalidImageTag",
]);

export type Resolved =
  | { readonly found: StoredImage; readonly failure?: never }
  | { readonly failure: ImageFailure; readonly found?: never };

export const NOT_FOUND: ImageFailure = { code: "ImageNotFound", reason: "Requested image not found" };

/** The image that a digest, a tag or both name. */
export function resolveImage(sql: Sql, repository: Repository, reference: ImageReference): Resolved {
  const { digest, tag } = reference;
  if (digest === undefined && tag === undefined) {
    return {
      failure: {
        code: "MissingDigestAndTag",
        reason: "Invalid request parameters: both tag and digest cannot be null",
      },
    };
  }
  if (digest !== undefined && !/^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/.test(digest)) {
    return {
      failure: {
        code: "InvalidImageDigest",
        reason:
          "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
      },
    };
  }
  if (tag !== undefined && !Tag.safeParse(tag).success) {
    return {
      failure: {
        code: "InvalidImageTag",
        reason:
          "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
      },
    };
  }
  return lookUp(sql, repository, reference);
}

/** The image; throws ImageNotFoundException, or InvalidParameterException for a reference that names nothing. */
export function getImage(sql: Sql, repository: Repository, reference: ImageReference): StoredImage {
  const { found, failure } = resolveImage(sql, repository, reference);
  if (found !== undefined) return found;
  if (MALFORMED.has(failure.code)) throw new EcrError("InvalidParameterException", failure.reason);
  throw imageNotFound({ ...repository, repository: repository.name }, reference);
}

function lookUp(sql: Sql, repository: Repository, { digest, tag }: ImageReference): Resolved {
  const tagged = tag === undefined ? undefined : findTag(sql, repository.id, tag);
  if (tag !== undefined && tagged === undefined) return { failure: NOT_FOUND };
  if (digest !== undefined && tagged !== undefined && digest !== tagged) {
    return {
      failure: {
        code: "ImageTagDoesNotMatchDigest",
        reason: "Requested image tag does not match the digest",
      },
    };
  }
  const found = findImage(sql, repository.id, digest ?? tagged ?? "");
  return found === undefined ? { failure: NOT_FOUND } : { found };
}
