import * as z from "zod";

/** What is told, and how. */
export const EVENT_SWITCHES = {
  /** E1. Whether an image that a lifecycle policy expired also is a DELETE event; documented is the CloudTrail event alone. */
  expiryEvents: z.boolean().default(false),
  /** E2. Whether a tag that goes while its image stays is a DELETE event. */
  untagEvents: z.boolean().default(true),
  /** E2. An image that goes with its tags is one DELETE event for each `tag`, or one for the `image`, without a tag. */
  deleteEventsPer: z.enum(["tag", "image"]).default("tag"),
  /** E3. Whether images that go with their repository are DELETE events. */
  repositoryDeleteEvents: z.boolean().default(false),
  /** E4. Whether a manifest that comes without a tag, such as an index's child, is a PUSH event. */
  untaggedPushEvents: z.boolean().default(true),
  /** 1.3. A push without a tag has an `empty` image-tag, as was captured, or none at all. */
  untaggedPushTag: z.enum(["empty", "absent"]).default("empty"),
  /** 1.3. Whether a PUSH event carries the media types: captured ones do, the published sample does not. */
  pushMediaTypes: z.boolean().default(true),
  /** E5. Whether another tag on an image that is there is a PUSH event. */
  retagEvents: z.boolean().default(true),
  /** E5. Whether an image that is pushed again just as it is there is a PUSH event; nothing of it changes. */
  repushEvents: z.boolean().default(false),
  /** E7. What a manifest with a subject is: an `ECR Referrer Action`, an `ECR Image Action`, or one of each. */
  referrerEvents: z.enum(["referrer", "image", "both"]).default("referrer"),
  /** E9. Whether a replication that failed is a Replication Action with the result FAILED; otherwise the image's status alone tells. */
  replicationFailureEvents: z.boolean().default(false),
  /** E12. Whether an archived image that is pushed again is an UPDATE_STORAGE_CLASS event besides its PUSH. */
  reactivationEvents: z.boolean().default(false),

  /**
   * E13. Which rules hear of what ECR did by itself (PolicyExecutionEvent, DryRunEvent, ImageActivationEvent), which AWS marks
   * `readOnly`: every `enabled` one, or only those that ask for `allManagementEvents`.
   */
  serviceEventRules: z.enum(["enabled", "allManagementEvents"]).default("enabled"),
};
