import * as z from "zod";
import { Digest } from "../image/digest.ts";
import { AccountId, Region } from "../registry/registry.ts";
import { RepositoryName } from "../registry/repository.ts";

// Only the fields that are used; AWS adds others without notice. `resources` is empty for image actions, so account and
// Region come from the envelope.
const envelope = {
  id: z.string().min(1).max(200),
  source: z.literal("aws.ecr"),
  account: AccountId,
  region: Region,
  time: z.string().max(40),
};

/** A push without a tag carries `"image-tag": ""` or no such key: both mean none. */
const ImageTag = z
  .string()
  .max(300)
  .optional()
  .transform((tag) => tag || undefined);
const ImageDigest = z
  .union([z.literal(""), Digest])
  .optional()
  .transform((digest) => digest || undefined);

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html: image push, delete, archive, restore. */
export const ImageActionEvent = z.object({
  ...envelope,
  "detail-type": z.enum(["ECR Image Action", "ECR Referrer Action"]),
  detail: z.object({
    // A free string in the published schema: an action we do not know is still a hint to look.
    "action-type": z.string().min(1).max(100),
    "repository-name": RepositoryName,
    "image-digest": ImageDigest,
    "image-tag": ImageTag,
    "target-storage-class": z.enum(["ARCHIVE", "STANDARD"]).optional(),
  }),
});
export type ImageActionEvent = z.infer<typeof ImageActionEvent>;

/** Emitted in the destination's account and Region. `FAILED` is in one copy of the user guide only: accepted. */
export const ReplicationActionEvent = z.object({
  ...envelope,
  "detail-type": z.literal("ECR Replication Action"),
  detail: z.object({
    "action-type": z.literal("REPLICATE"),
    result: z.enum(["SUCCESS", "FAILED"]),
    "repository-name": RepositoryName,
    "image-digest": Digest,
    "image-tag": ImageTag,
    "source-account": AccountId,
    "source-region": Region,
  }),
});
export type ReplicationActionEvent = z.infer<typeof ReplicationActionEvent>;

export const EcrEvent = z.discriminatedUnion("detail-type", [ImageActionEvent, ReplicationActionEvent]);
