import { Tag } from "@tallyman/domain/image/digest";
import { pushed } from "../events/image-action.ts";
import { requestReplication } from "../replication/request-replication.ts";
import type { Sql } from "../storage/database.ts";
import { findImage, insertImage, type StoredImage, setActive } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { countTags, findTag, moveTag } from "../storage/tags.ts";
import type { Change, Limits } from "./core.ts";
import { EcrError, invalidParameter } from "./errors.ts";
import { blobsOf, requireContent, sizeOf } from "./image-content.ts";
import { type ParsedManifest, parseManifest } from "./manifest.ts";
import { isTagImmutable } from "./tag-mutability.ts";

export type ImagePut = {
  readonly bytes: Uint8Array;
  /** Content-Type or `imageManifestMediaType`. */
  readonly mediaType?: string | undefined;
  readonly tag?: string | undefined;
  /** What the caller believes the digest to be. */
  readonly digest?: string | undefined;
};

export type PutResult = {
  readonly image: StoredImage;
  /** `false`: this digest was there, under this tag, and active. */
  readonly changed: boolean;
};

/**
 * Stores a manifest and points a tag to it: the one way in for PutImage and for a manifest PUT. Nothing is written
 * when the image is there already.
 *
 * Throws InvalidParameter, ImageDigestDoesNotMatch, LayersNotFound, ReferencedImagesNotFound, ImageTagAlreadyExists
 * and LimitExceeded exceptions.
 */
export function putImage(
  change: Change,
  repository: Repository,
  put: ImagePut & { limits: Limits },
): PutResult {
  const manifest = checkedManifest(put);
  const { sql, now } = change;
  const before = findImage(sql, repository.id, manifest.digest);
  const tagged = put.tag === undefined ? undefined : findTag(sql, repository.id, put.tag);
  const inPlace = put.tag === undefined || tagged === manifest.digest;
  if (before?.status === "ACTIVE" && inPlace) return { image: before, changed: false };

  if (put.tag !== undefined && !inPlace) {
    requireMovable(repository, put.tag, tagged);
    requireRoomForTag(sql, repository, { digest: manifest.digest, max: put.limits.maxTagsPerImage });
  }
  const image = store(change, repository, { manifest, bytes: put.bytes, before });
  if (put.tag !== undefined) moveTag(sql, repository.id, { tag: put.tag, digest: manifest.digest });
  change.emit(pushed({ repository, image, time: now }, put.tag));
  requestReplication(sql, repository, { digest: manifest.digest, tags: [put.tag ?? ""] });
  return { image, changed: true };
}

function checkedManifest(put: ImagePut & { limits: Limits }): ParsedManifest {
  if (put.bytes.byteLength > put.limits.maxManifestBytes) throw manifestTooLarge(put.limits);
  if (put.tag !== undefined && !Tag.safeParse(put.tag).success) {
    throw invalidParameter("imageTag", "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'");
  }
  const manifest = parseManifest(put.bytes, put.mediaType);
  if (put.digest !== undefined && put.digest !== manifest.digest)
    throw digestMismatch(put.digest, manifest.digest);
  return manifest;
}

export function manifestTooLarge(limits: Limits): EcrError {
  return invalidParameter(
    "imageManifest",
    `Member must have length less than or equal to ${limits.maxManifestBytes}`,
  );
}

function digestMismatch(given: string, computed: string): EcrError {
  return new EcrError(
    "ImageDigestDoesNotMatchException",
    `The given digest '${given}' does not match the manifest's digest '${computed}'`,
  );
}

/** New, known, or archived: pushed again, an archived image is active at once. */
function store(
  change: Change,
  repository: Repository,
  put: { manifest: ParsedManifest; bytes: Uint8Array; before: StoredImage | undefined },
): StoredImage {
  const { sql, now } = change;
  const { manifest, before } = put;
  if (before === undefined) {
    requireContent(sql, repository, manifest);
    insertImage(sql, repository.id, {
      ...manifest,
      manifest: put.bytes,
      layers: blobsOf(manifest).map((blob) => blob.digest),
      size: sizeOf(sql, repository, manifest),
      pushedAt: now.getTime(),
    });
  } else if (before.status !== "ACTIVE") {
    setActive(sql, repository.id, manifest.digest, now.getTime());
  }
  const image = findImage(sql, repository.id, manifest.digest);
  if (image === undefined) throw new Error("The image that was just stored is not there");
  return image;
}

function requireMovable(repository: Repository, tag: string, tagged: string | undefined): void {
  if (tagged === undefined || !isTagImmutable(repository.settings, tag)) return;
  const whole = repository.settings.tagMutability === "IMMUTABLE";
  throw new EcrError(
    "ImageTagAlreadyExistsException",
    `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because ` +
      `the ${whole ? "repository" : "tag"} is immutable.`,
  );
}

function requireRoomForTag(sql: Sql, repository: Repository, image: { digest: string; max: number }): void {
  if (countTags(sql, repository.id, image.digest) < image.max) return;
  throw new EcrError("LimitExceededException", `An image can have at most ${image.max} tags`);
}
