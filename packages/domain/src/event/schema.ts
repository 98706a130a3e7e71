import { Digest } from "../image/digest.ts";
import { AccountId, Region } from "../registry/registry.ts";
import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";

// Only the fields that are used; AWS adds others without notice. `resources` is empty for image actions, so account and
// Region come from the envelope.
const envelope = {
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  source: z.literal("aws.ecr"),
  account: AccountId,
  region: Region,
  time: z.string().check(z.maxLength(40)),
};

/** A push without a tag carries `"image-tag": ""` or no such key: both mean none. */
const orNone = z.transform((text: string | undefined) => text || undefined);
const ImageTag = z.pipe(z.optional(z.string().check(z.maxLength(300))), orNone);
const ImageDigest = z.pipe(z.optional(z.union([z.literal(""), Digest])), orNone);

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html: image push, delete, archive, restore. */
export const ImageActionEvent = z.object({
  ...envelope,
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
