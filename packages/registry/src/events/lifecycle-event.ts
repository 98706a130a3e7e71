import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { CountType, LifecycleRule } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import type { EcrEvent } from "../ecr-event.ts";
import type { Repository } from "../storage/repositories.ts";
import { serviceEvent } from "./trail/service-event.ts";

export type LifecycleRecord = {
  readonly name: "PolicyExecutionEvent" | "DryRunEvent";
  readonly repository: Repository;
  readonly time: Date;
  readonly policy: {
    readonly id: string;
    readonly version: number;
    /** Milliseconds since the epoch; 0 before the first run. */
    readonly evaluatedAt: number;
    readonly rules: readonly LifecycleRule[];
  };
  readonly acted: readonly LifecycleEntry[];
  readonly failed: readonly (LifecycleEntry & LifecycleFailure)[];
};

export type LifecycleEntry = { readonly image: LifecycleImage; readonly rulePriority: number };
export type LifecycleFailure = { readonly code: string; readonly reason: string };

/** AWS splits what concerns ten images or more over several events, and lists no more than 100 tags of one. */
const IMAGES_PER_EVENT = 9;
const TAGS_PER_IMAGE = 100;

/**
 * What CloudTrail says of a lifecycle run or preview, as it comes over EventBridge (Amazon ECR User Guide, "Logging
 * Amazon ECR actions with AWS CloudTrail"): at least one event, also when nothing was to be done, as captured records show.
 */
export function lifecycleEvents(record: LifecycleRecord): readonly EcrEvent[] {
  const { name, repository, time, acted, failed } = record;
  const count = Math.max(1, Math.ceil(Math.max(acted.length, failed.length) / IMAGES_PER_EVENT));
  return Array.from({ length: count }, (_, index) => {
    const part = <T>(all: readonly T[]) =>
      all.slice(index * IMAGES_PER_EVENT, (index + 1) * IMAGES_PER_EVENT);
    const details = {
      repositoryName: repository.name,
      lifecycleEventPolicy: toPolicy(record.policy),
      lifecycleEventImageActions: part(acted).map(toImageAction),
      lifecycleEventFailureDetails: part(failed).map(toFailure),
    };
    return serviceEvent({ name, repository, time, details });
  });
}

function toPolicy({ id, version, evaluatedAt, rules }: LifecycleRecord["policy"]): object {
  return {
    lifecycleEventRules: rules.map(toRule),
    lastEvaluatedAt: evaluatedAt,
    policyVersion: version,
    policyId: id,
  };
}

/** The last two by analogy: no published record has them. */
const COUNT_TYPES: Readonly<Record<CountType, string>> = {
  imageCountMoreThan: "Image count more than",
  sinceImagePushed: "Time since image pushed",
  sinceImagePulled: "Time since image pulled",
  sinceImageTransitioned: "Time since image transitioned",
};
const TAG_STATUS = { tagged: "Tagged", untagged: "Untagged", any: "Any" } as const;

function toRule({ rulePriority, description, selection, action }: LifecycleRule): object {
  return {
    rulePriority,
    ...(description === undefined ? {} : { description }),
    lifecycleEventSelection: {
      tagStatus: TAG_STATUS[selection.tagStatus],
      tagPrefixList: selection.tagPrefixList ?? [],
      tagPatternList: selection.tagPatternList ?? [],
      countType: COUNT_TYPES[selection.countType],
      ...(selection.countUnit === undefined ? {} : { countUnit: "Days" }),
      countNumber: selection.countNumber,
    },
    action: action.type,
  };
}

function toImageAction({ image, rulePriority }: LifecycleEntry): object {
  const lifecycleEventImage = {
    digest: image.digest,
    tagStatus: image.tags.length === 0 ? TAG_STATUS.untagged : TAG_STATUS.tagged,
    tagList: image.tags.slice(0, TAGS_PER_IMAGE),
    pushedAt: image.pushedAt,
  };
  return { lifecycleEventImage, rulePriority };
}

function toFailure(entry: LifecycleEntry & LifecycleFailure): object {
  return { ...toImageAction(entry), failureCode: entry.code, failureReason: entry.reason };
}
