import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";
import { ENVELOPE, ImageDigest, ImageTag, repositoryOf, subjectOf } from "./envelope.ts";
import { PullThroughAction, pullThroughEvent } from "./pull-through.ts";
import type { EventSubject, ImageEvent, PullThroughEvent } from "./registry-event.ts";

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html: image push, delete, archive, restore.
const ImageAction = z.object({
  ...ENVELOPE,
  "detail-type": z.enum(["ECR Image Action", "ECR Referrer Action"]),
  detail: z.object({
    // A free string in the published schema: an action we do not know is still a hint to look.
    "action-type": z.string().check(z.minLength(1), z.maxLength(100)),
    "repository-name": RepositoryName,
    "image-digest": ImageDigest,
    "image-tag": ImageTag,
    "target-storage-class": z.optional(z.enum(["ARCHIVE", "STANDARD"])),
  }),
});
type ImageAction = z.infer<typeof ImageAction>;

/**
 * An EventBridge event of one image (`ECR Image Action`, `ECR Referrer Action`, `ECR Pull Through Cache Action`; the parsed
 * JSON, envelope included) in the product's words. `result` is not looked at: the registry is read in any case.
 */
export const ImageActionMessage = z.pipe(
  z.discriminatedUnion("detail-type", [ImageAction, PullThroughAction]),
  z.transform((event, context): ImageEvent | PullThroughEvent => {
    if (event["detail-type"] === "ECR Pull Through Cache Action") return pullThroughEvent(event);
    const subject = subjectOf(event.detail);
    if (subject) return imageEvent(event, subject);
    const message = "names neither a digest nor a tag";
    context.issues.push({ code: "custom", message, input: event.detail, path: ["detail"] });
    return z.NEVER;
  }),
);

function imageEvent(event: ImageAction, subject: EventSubject): ImageEvent {
  const { detail } = event;
  const base = { id: event.id, time: event.time, repository: repositoryOf(event), subject };
  switch (detail["action-type"]) {
    case "PUSH":
      return { ...base, kind: "image.pushed" };
    case "DELETE":
      return { ...base, kind: "image.deleted" };
    case "UPDATE_STORAGE_CLASS":
      return {
        ...base,
        kind: "image.storage-class-changed",
        target: detail["target-storage-class"] ?? "STANDARD",
      };
    default:
      return { ...base, kind: "image.changed" };
  }
}
