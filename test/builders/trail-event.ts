import type { Registry } from "@tallyman/domain/registry/registry";
import { aDigest } from "./digest.ts";
import { HUB } from "./registry.ts";

/** As https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html shows records. */
export const SOMEBODY = "arn:aws:sts::123456789012:assumed-role/deployer/ci-4711";

export type TrailOptions = {
  readonly registry?: Registry;
  readonly repository?: string;
  /** CloudTrail's own id. */
  readonly id?: string;
  /** Members of the record that are otherwise, or more. */
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** `AWS API Call via CloudTrail`. `request`: what was asked for beside the repository; `response`: what was answered. */
export function aCall(
  eventName: string,
  request: Readonly<Record<string, unknown>> = {},
  {
    response,
    ...options
  }: TrailOptions & { readonly response?: Readonly<Record<string, unknown>> | null } = {},
) {
  const { registry = HUB, repository = "prod/web" } = options;
  const requestParameters = { repositoryName: repository, registryId: registry.account, ...request };
  return anEvent("AWS API Call via CloudTrail", eventName, {
    ...options,
    detail: {
      userIdentity: {
        type: "AssumedRole",
        principalId: "AROA123456789EXAMPLE:ci-4711",
        arn: SOMEBODY,
        accountId: registry.account,
        sessionContext: { attributes: { mfaAuthenticated: "false" } },
      },
      sourceIPAddress: "ecr.amazonaws.com",
      userAgent: "ecr.amazonaws.com",
      requestParameters,
      responseElements: response ?? null,
      requestID: "cf044b7d-5f9d-11e9-9b2a-95983139cc57",
      readOnly: false,
      eventType: "AwsApiCall",
      ...options.detail,
    },
  });
}

/** `AWS Service Event via CloudTrail`, which is marked as a read whatever went. */
export function aServiceEvent(
  eventName: string,
  details: Readonly<Record<string, unknown>>,
  options: TrailOptions = {},
) {
  const { registry = HUB, repository = "prod/web" } = options;
  return anEvent("AWS Service Event via CloudTrail", eventName, {
    ...options,
    detail: {
      userIdentity: { accountId: registry.account, invokedBy: "AWS Internal" },
      sourceIPAddress: "AWS Internal",
      userAgent: "AWS Internal",
      requestParameters: null,
      responseElements: null,
      readOnly: true,
      eventType: "AwsServiceEvent",
      serviceEventDetails: { repositoryName: repository, ...details },
      ...options.detail,
    },
  });
}

/** One image of a `PolicyExecutionEvent`. */
export function anExpiry(digest: string, tags: readonly string[] = [], rulePriority = 1) {
  const tagStatus = tags.length > 0 ? "Tagged" : "Untagged";
  return { lifecycleEventImage: { digest, tagStatus, tagList: tags, pushedAt: 1584042813000 }, rulePriority };
}

/** `PolicyExecutionEvent` of a policy whose rule 1 keeps ten images. */
export function aPolicyExecution(
  acted: readonly object[],
  failed: readonly object[] = [],
  options: TrailOptions = {},
) {
  const rule = {
    rulePriority: 1,
    description: "keep ten",
    lifecycleEventSelection: {
      tagStatus: "Any",
      tagPrefixList: [],
      countType: "Image count more than",
      countNumber: 10,
    },
    action: "expire",
  };
  const details = {
    lifecycleEventPolicy: {
      lifecycleEventRules: [rule],
      lastEvaluatedAt: 0,
      policyVersion: 1,
      policyId: "ceb86829-58e7-9498-920c-aa042e33037b",
    },
    lifecycleEventImageActions: acted,
    lifecycleEventFailureDetails: failed,
  };
  return aServiceEvent("PolicyExecutionEvent", details, options);
}

/** `ECR Pull Through Cache Action` of a cache repository. */
export function aPullThrough(
  options: TrailOptions & { readonly digest?: string; readonly tag?: string; readonly status?: string } = {},
) {
  const { registry = HUB, repository = "docker-hub/alpine", digest, tag, status = "SUCCESS" } = options;
  return {
    ...envelope(registry, options.id ?? "85fc3613-e913-7fc4-a80c-a3753e4aa9af"),
    "detail-type": "ECR Pull Through Cache Action",
    resources: [`arn:aws:ecr:${registry.region}:${registry.account}:repository/${repository}`],
    detail: {
      "rule-version": "1",
      "sync-status": status,
      "ecr-repository-prefix": "docker-hub",
      "repository-name": repository,
      "upstream-registry-url": "public.ecr.aws",
      ...(tag !== undefined && { "image-tag": tag }),
      ...(digest !== undefined && { "image-digest": digest }),
    },
  };
}

/** The records' own example of a digest. */
export const IMAGE = aDigest("image");

function anEvent(detailType: string, eventName: string, options: TrailOptions) {
  const { registry = HUB, repository = "prod/web", id = "6f4e8e8a-a2ee-4a33-b5fd-2a1a3b8ac0b2" } = options;
  return {
    ...envelope(registry, "1b1c4a5e-7d6f-4f55-9b8b-1f4f1a2f3c4d"),
    "detail-type": detailType,
    resources: [],
    detail: {
      eventVersion: "1.11",
      eventTime: "2026-11-16T01:54:34Z",
      eventSource: "ecr.amazonaws.com",
      eventName,
      awsRegion: registry.region,
      eventID: id,
      resources: [
        {
          ARN: `arn:aws:ecr:${registry.region}:${registry.account}:repository/${repository}`,
          accountId: registry.account,
          type: "AWS::ECR::Repository",
        },
      ],
      recipientAccountId: registry.account,
      managementEvent: true,
      eventCategory: "Management",
      ...options.detail,
    },
  };
}

function envelope({ account, region }: Registry, id: string) {
  return { version: "0", id, source: "aws.ecr", account, region, time: "2026-11-16T01:54:35Z" };
}
