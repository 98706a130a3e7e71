import { Digest } from "../../image/digest.ts";
import { RepositoryName } from "../../registry/repository.ts";
import * as z from "../../zod.ts";
import { EVENT, ImageTag, MOST, optional, RECORD, senderOf, words } from "./elements.ts";
import type { TrailAct, TrailEvent } from "./trail-event.ts";

const ENVELOPED = { ...EVENT, "detail-type": z.literal("AWS Service Event via CloudTrail") };
const Priority = z.number().check(z.int(), z.minimum(0), z.maximum(999_999));

const Acted = z.object({
  lifecycleEventImage: z.object({
    digest: Digest,
    // 100 are told at most; tags are of no use where there are too many or odd ones.
    tagList: z.catch(optional(z.array(ImageTag).check(z.maxLength(1000))), undefined),
  }),
  rulePriority: Priority,
});
type Acted = z.infer<typeof Acted>;
const Failed = z.extend(Acted, {
  failureCode: optional(words(100)),
  failureReason: optional(words(1000)),
});

const Rule = z.object({
  rulePriority: Priority,
  description: optional(words(256)),
  action: optional(words(40)),
});
type Rule = z.infer<typeof Rule>;

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html: a lifecycle policy's run, an image's
// activation. A run over ten images or more is told in several.
const PolicyExecution = z.object({
  ...ENVELOPED,
  detail: z.object({
    ...RECORD,
    eventName: z.literal("PolicyExecutionEvent"),
    serviceEventDetails: z.object({
      repositoryName: RepositoryName,
      lifecycleEventPolicy: optional(
        z.object({ lifecycleEventRules: optional(z.array(Rule).check(z.maxLength(1000))) }),
      ),
      lifecycleEventImageActions: optional(z.array(Acted).check(z.maxLength(MOST))),
      lifecycleEventFailureDetails: optional(z.array(Failed).check(z.maxLength(MOST))),
    }),
  }),
});

const ImageActivation = z.object({
  ...ENVELOPED,
  detail: z.object({
    ...RECORD,
    eventName: z.literal("ImageActivationEvent"),
    serviceEventDetails: z.object({ repositoryName: RepositoryName, imageDigest: Digest }),
  }),
});

/** Whoever runs lifecycle policies, and ends restores. */
const BY = { lifecycle: "lifecycle policy", activation: "ecr.amazonaws.com" };

export const ServiceEventMessage = z.union([
  z.pipe(
    PolicyExecution,
    z.transform((event): TrailEvent => {
      const details = event.detail.serviceEventDetails;
      const rules = details.lifecycleEventPolicy?.lifecycleEventRules ?? [];
      const acts = [
        ...(details.lifecycleEventImageActions ?? []).map((acted) => lifecycleAct(acted, rules)),
        ...(details.lifecycleEventFailureDetails ?? []).map((failed) => ({
          ...lifecycleAct(failed, rules),
          failure: [failed.failureCode ?? "failed", failed.failureReason].filter(Boolean).join(": "),
        })),
      ].slice(0, MOST);
      return { ...common(event, details.repositoryName), kind: "lifecycle", by: BY.lifecycle, acts };
    }),
  ),
  z.pipe(
    ImageActivation,
    z.transform((event): TrailEvent => {
      const { repositoryName, imageDigest } = event.detail.serviceEventDetails;
      const acts = [{ action: "restore", digest: imageDigest }] as const;
      return { ...common(event, repositoryName), kind: "activation", by: BY.activation, acts };
    }),
  ),
]);

function common(
  event: z.infer<typeof PolicyExecution> | z.infer<typeof ImageActivation>,
  repository: string,
): Pick<TrailEvent, "id" | "time" | "heardFrom" | "repository"> {
  const { account, region, detail } = event;
  return {
    id: detail.sharedEventID ?? detail.eventID,
    time: detail.eventTime,
    heardFrom: senderOf(event),
    repository: { account, region, repository },
  };
}

function lifecycleAct({ lifecycleEventImage: image, rulePriority }: Acted, rules: readonly Rule[]): TrailAct {
  const rule = rules.find((it) => it.rulePriority === rulePriority);
  const tags = image.tagList ?? [];
  const [tag] = tags;
  return {
    // The published records know `expire`; a rule that moves images to the archive has another word.
    action: (rule?.action ?? "expire").toLowerCase() === "expire" ? "expire" : "archive",
    digest: image.digest,
    ...(tags.length === 1 && tag !== undefined && { tag }),
    tags,
    rule: `lifecycle rule ${rulePriority}${rule?.description ? `: ${rule.description}` : ""}`,
  };
}
