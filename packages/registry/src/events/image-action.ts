import type { Switches } from "../core/switches.ts";
import type { EcrEvent } from "../ecr-event.ts";
import type { StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";

type ImageFacts = Pick<StoredImage, "digest" | "mediaType" | "artifactMediaType" | "subject">;
type Written = { readonly repository: Repository; readonly image: ImageFacts; readonly time: Date };

/** A manifest arrived under a tag, or without one. */
export function pushed(
  written: Written,
  tag: string | undefined,
  { untaggedPushTag, pushMediaTypes }: Pick<Switches, "untaggedPushTag" | "pushMediaTypes">,
): EcrEvent {
  return imageAction(written, {
    "action-type": "PUSH",
    ...(tag === undefined && untaggedPushTag === "absent" ? {} : { "image-tag": tag ?? "" }),
    ...(pushMediaTypes ? mediaTypes(written.image) : {}),
  });
}

/**
 * One event per image id of the answer, also for a tag that goes while its image stays. AWS documents neither; its
 * consumers must read the registry to know, and here they learn to.
 */
export function deleted(written: Written, tag: string | undefined): EcrEvent {
  return imageAction(written, {
    "action-type": "DELETE",
    ...(tag === undefined ? {} : { "image-tag": tag }),
  });
}

/** Carries no tag, as AWS's samples do not. */
export function storageClassUpdated(written: Written, target: "ARCHIVE" | "STANDARD"): EcrEvent {
  return imageAction(written, {
    "action-type": "UPDATE_STORAGE_CLASS",
    "target-storage-class": target,
    ...mediaTypes(written.image),
    ...(target === "STANDARD" ? { "last-activated-at": written.time.toISOString() } : {}),
  });
}

function imageAction({ repository, image, time }: Written, more: Record<string, unknown>): EcrEvent {
  return {
    account: repository.account,
    region: repository.region,
    detailType: image.subject === null ? "ECR Image Action" : "ECR Referrer Action",
    time,
    resources: [],
    detail: { result: "SUCCESS", "repository-name": repository.name, "image-digest": image.digest, ...more },
  };
}

function mediaTypes(image: ImageFacts): Record<string, string> {
  return {
    "manifest-media-type": image.mediaType,
    ...(image.artifactMediaType === null ? {} : { "artifact-media-type": image.artifactMediaType }),
  };
}
