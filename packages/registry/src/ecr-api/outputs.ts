import type { Registry } from "@tallyman/domain/registry/registry";
import { repositoryArn } from "@tallyman/domain/registry/repository";
import type { SentManifest } from "../core/convert-manifest.ts";
import type { ImageReference } from "../core/errors.ts";
import type { ImageFailure } from "../core/find-image.ts";
import type { StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import { fromTagMutability } from "./tag-mutability.ts";

/** AWS JSON 1.1 carries times as epoch seconds, with a fraction. */
export function toTimestamp(milliseconds: number): number {
  return milliseconds / 1000;
}

export function toRepository(repository: Repository, endpoint: (registry: Registry) => string): object {
  const { settings } = repository;
  return {
    repositoryArn: repositoryArn({ ...repository, repository: repository.name }),
    registryId: repository.account,
    repositoryName: repository.name,
    repositoryUri: `${endpoint(repository).replace(/^https?:\/\//, "")}/${repository.name}`,
    createdAt: toTimestamp(repository.createdAt),
    ...fromTagMutability(settings),
    imageScanningConfiguration: { scanOnPush: settings.scanOnPush },
    encryptionConfiguration: settings.encryption,
  };
}

export function toImageId(image: ImageReference): object {
  return { imageDigest: image.digest, imageTag: image.tag };
}

export function toImageFailure(reference: ImageReference, failure: ImageFailure): object {
  return { imageId: toImageId(reference), failureCode: failure.code, failureReason: failure.reason };
}

/** `Image` of BatchGetImage and PutImage; the manifest as text is the very bytes, which are valid UTF-8. */
export function toImage(
  repository: Repository,
  image: SentManifest & { readonly tag: string | undefined },
): object {
  return {
    registryId: repository.account,
    repositoryName: repository.name,
    imageId: toImageId(image),
    imageManifest: Buffer.from(image.bytes).toString("utf8"),
    imageManifestMediaType: image.mediaType,
  };
}

/** `ImageDetail` of DescribeImages; an image without tags has no `imageTags`. */
export function toImageDetail(
  repository: Repository,
  image: StoredImage & { tags: readonly string[] },
): object {
  return {
    registryId: repository.account,
    repositoryName: repository.name,
    imageDigest: image.digest,
    imageTags: image.tags.length === 0 ? undefined : image.tags,
    imageSizeInBytes: image.size,
    imagePushedAt: toTimestamp(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    artifactMediaType: image.artifactMediaType ?? undefined,
    subjectManifestDigest: image.subject ?? undefined,
    imageStatus: image.status,
    lastRecordedPullTime: optionalTimestamp(image.lastPulledAt),
    lastArchivedAt: optionalTimestamp(image.lastArchivedAt),
    lastActivatedAt: optionalTimestamp(image.lastActivatedAt),
  };
}

function optionalTimestamp(milliseconds: number | null): number | undefined {
  return milliseconds === null ? undefined : toTimestamp(milliseconds);
}
