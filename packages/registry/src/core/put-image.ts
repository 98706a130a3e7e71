import { Tag } from "@tallyman/domain/image/digest";
import { requestReplication } from "../replication/request-replication.ts";
import { findImage, insertImage, type StoredImage, setActive } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { findTag, moveTag } from "../storage/tags.ts";
import { announcePush } from "./announce-push.ts";
import type { Change, Limits } from "./core.ts";
import { EcrError, invalidParameter } from "./errors.ts";
import { blobsOf, requireContent, requireRoom, sizeOf } from "./image-content.ts";
import { type ParsedManifest, parseManifest } from "./manifest.ts";
import { requireMovable } from "./movable-tag.ts";

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
 * when the image is there already; an archived image, or one that is being restored, is active at once.
 *
 * Throws InvalidParameter, ImageDigestDoesNotMatch, LayersNotFound, ReferencedImagesNotFound, ImageTagAlreadyExists
 * and LimitExceeded exceptions.
 */
export function putImage(change: Change, repository: Repository, put: ImagePut): PutResult {
  const manifest = checkedManifest(change, put);
  const { sql } = change;
  const { tag } = put;
  const { digest } = manifest;
  const before = findImage(sql, repository.id, digest);
  const tagged = tag === undefined ? undefined : findTag(sql, repository.id, tag);
  if (tag !== undefined) requireMovable(change, repository, { tag, from: tagged, to: digest });
  if (before?.status === "ACTIVE" && (tag === undefined || tagged === digest)) {
    announcePush(change, repository, { image: before, before, tag, again: true });
    return { image: before, changed: false };
  }
  const image = store(change, repository, { manifest, bytes: put.bytes, before });
  if (tag !== undefined) moveTag(sql, repository.id, { tag, digest });
  announcePush(change, repository, { image, before, tag, again: false });
  requestReplication(sql, repository, { digest, tags: [tag ?? ""] });
  return { image, changed: true };
}

function checkedManifest({ limits, switches }: Change, put: ImagePut): ParsedManifest {
  if (put.bytes.byteLength > limits.maxManifestBytes) throw manifestTooLarge(limits);
  if (put.tag !== undefined && !Tag.safeParse(put.tag).success) {
    throw invalidParameter("imageTag", "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'");
  }
  const manifest = parseManifest(put.bytes, put.mediaType, switches);
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

function store(
  change: Change,
  repository: Repository,
  put: { manifest: ParsedManifest; bytes: Uint8Array; before: StoredImage | undefined },
): StoredImage {
  const { sql, now } = change;
  const { manifest, before } = put;
  if (before === undefined) {
    requireContent(change, repository, manifest);
    requireRoom(change, repository);
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
