import { Digest } from "../image/digest.ts";
import { AccountId, Region } from "../registry/registry.ts";
import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";
import { ENVELOPE, ImageTag, repositoryOf } from "./envelope.ts";
import type { ReplicationEvent } from "./registry-event.ts";

// Emitted in the destination's account and Region. `FAILED` is in one copy of the user guide only: accepted.
const ReplicationAction = z.object({
  ...ENVELOPE,
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

/** An EventBridge event of a copy (`ECR Replication Action`, emitted where it arrived) in the product's words. */
export const ReplicationActionMessage = z.pipe(ReplicationAction, z.transform(asReplicationEvent));

function asReplicationEvent(event: z.infer<typeof ReplicationAction>): ReplicationEvent {
  const { detail } = event;
  const tag = detail["image-tag"];
  return {
    id: event.id,
    time: event.time,
    kind: "replication.copied",
    repository: repositoryOf(event),
    subject: { digest: detail["image-digest"], ...(tag && { tag }) },
    source: { account: detail["source-account"], region: detail["source-region"] },
    result: detail.result,
  };
}
