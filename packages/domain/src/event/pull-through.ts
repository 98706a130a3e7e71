import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";
import { ENVELOPE, ImageDigest, ImageTag, repositoryOf, subjectOf } from "./envelope.ts";
import type { PullThroughEvent } from "./registry-event.ts";

/**
 * `ECR Pull Through Cache Action`, sent for each attempt to fetch an image from an upstream registry, by the registry that
 * caches it. Tag and digest may both be missing in the published schema. What is written for a failure is not documented:
 * all that is not `SUCCESS` counts as one.
 */
export const PullThroughAction = z.object({
  ...ENVELOPE,
  "detail-type": z.literal("ECR Pull Through Cache Action"),
  detail: z.object({
    "sync-status": z.string().check(z.minLength(1), z.maxLength(100)),
    "repository-name": RepositoryName,
    "image-digest": ImageDigest,
    "image-tag": ImageTag,
  }),
});

/** The event in the product's words. */
export function pullThroughEvent(event: z.infer<typeof PullThroughAction>): PullThroughEvent {
  const subject = subjectOf(event.detail);
  return {
    id: event.id,
    time: event.time,
    kind: "image.pulled-through",
    repository: repositoryOf(event),
    ...(subject && { subject }),
    result: event.detail["sync-status"] === "SUCCESS" ? "SUCCESS" : "FAILED",
  };
}
