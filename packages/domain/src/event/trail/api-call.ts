import { AccountId } from "../../registry/registry.ts";
import { RepositoryName } from "../../registry/repository.ts";
import * as z from "../../zod.ts";
import { AskedId, EVENT, ImageId, MOST, optional, RECORD, resourceOf, senderOf, words } from "./elements.ts";
import type { RefusedCall, TrailAct, TrailEvent } from "./trail-event.ts";

/** The calls that change which images are there. */
const CALLS = [
  "PutImage",
  "BatchDeleteImage",
  "UpdateImageStorageClass",
  "CreateRepository",
  "DeleteRepository",
] as const;

const Request = z.object({
  registryId: optional(AccountId),
  repositoryName: optional(RepositoryName),
  imageId: optional(AskedId),
  imageIds: optional(z.array(AskedId).check(z.maxLength(MOST))),
  ...AskedId.shape,
  targetStorageClass: optional(words(40)),
});

const Response = z.object({
  image: optional(z.object({ imageId: optional(ImageId), imageStatus: optional(words(40)) })),
  imageIds: optional(z.array(ImageId).check(z.maxLength(MOST))),
  failures: optional(
    z
      .array(
        z.object({
          imageId: optional(AskedId),
          failureCode: optional(words(100)),
          failureReason: optional(words(1000)),
        }),
      )
      .check(z.maxLength(MOST)),
  ),
});

const AccountName = z.object({
  arn: optional(words(2048)),
  invokedBy: optional(words(200)),
  accountId: optional(words(40)),
});

/** `AWS API Call via CloudTrail`; only what is used. https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html */
const Succeeded = z.object({
  ...EVENT,
  "detail-type": z.literal("AWS API Call via CloudTrail"),
  detail: z.object({
    ...RECORD,
    eventName: z.enum(CALLS),
    errorCode: z.pipe(
      z.nullish(z.literal("")),
      z.transform(() => undefined),
    ),
    userIdentity: optional(AccountName),
    requestParameters: optional(Request),
    responseElements: optional(Response),
  }),
});
type Succeeded = z.infer<typeof Succeeded>;

/** What was asked for is not looked at: it may be wrong in every way. */
const Refused = z.object({
  ...EVENT,
  "detail-type": z.literal("AWS API Call via CloudTrail"),
  detail: z.object({ ...RECORD, eventName: z.enum(CALLS), errorCode: z.string().check(z.minLength(1)) }),
});

export const ApiCallMessage = z.union([
  z.pipe(
    Refused,
    z.transform(
      (event): RefusedCall => ({ kind: "refused", id: event.detail.eventID, heardFrom: senderOf(event) }),
    ),
  ),
  z.pipe(
    Succeeded,
    z.transform((event, context): TrailEvent => {
      const repository = repositoryOf(event);
      if (repository !== undefined) return apiCall(event, repository);
      const message = "names no repository";
      context.issues.push({ code: "custom", message, input: event.detail, path: ["detail"] });
      return z.NEVER;
    }),
  ),
]);

function repositoryOf(event: Succeeded): TrailEvent["repository"] | undefined {
  const { requestParameters: request } = event.detail;
  const resource = resourceOf(event);
  const repository = request?.repositoryName ?? resource.repository;
  const account = request?.registryId ?? resource.account ?? event.account;
  return repository === undefined ? undefined : { account, region: event.region, repository };
}

function apiCall(event: Succeeded, repository: TrailEvent["repository"]): TrailEvent {
  const { detail } = event;
  return {
    kind: "call",
    id: detail.sharedEventID ?? detail.eventID,
    time: detail.eventTime,
    heardFrom: senderOf(event),
    repository,
    by: callerOf(detail.userIdentity),
    acts: ACTS[detail.eventName](detail),
  };
}

function callerOf(identity: Succeeded["detail"]["userIdentity"]): string {
  return identity?.arn ?? identity?.invokedBy ?? `account ${identity?.accountId ?? "unknown"}`;
}

type Detail = Succeeded["detail"];

const ACTS: Readonly<Record<(typeof CALLS)[number], (detail: Detail) => readonly TrailAct[]>> = {
  PutImage: ({ requestParameters: request, responseElements: response }) => [
    { action: "push", ...named(response?.image?.imageId ?? request) },
  ],
  BatchDeleteImage: deletions,
  UpdateImageStorageClass: ({ requestParameters: request, responseElements: response }) => {
    const archived = request?.targetStorageClass === "ARCHIVE" || response?.image?.imageStatus === "ARCHIVED";
    const id = named(response?.image?.imageId ?? request?.imageId);
    return [{ action: archived ? "archive" : "restore", ...id }];
  },
  CreateRepository: () => [{ action: "create-repository" }],
  DeleteRepository: () => [{ action: "delete-repository" }],
};

/** The answer names what went: each tag with its digest, also where the call named one of both. */
function deletions({ requestParameters: request, responseElements: response }: Detail): readonly TrailAct[] {
  const gone = response?.imageIds ?? (response ? [] : (request?.imageIds ?? []));
  const failures = response?.failures ?? [];
  return [
    ...gone.map((id) => ({ action: "delete", ...named(id) }) as const),
    ...failures.map(
      ({ imageId, failureCode, failureReason }) =>
        ({
          action: "delete",
          ...named(imageId),
          failure: [failureCode ?? "failed", failureReason].filter(Boolean).join(": "),
        }) as const,
    ),
  ].slice(0, MOST);
}

function named(
  id: { readonly imageDigest?: string | undefined; readonly imageTag?: string | undefined } | undefined,
): Pick<TrailAct, "digest" | "tag"> {
  return {
    ...(id?.imageDigest !== undefined && { digest: id.imageDigest }),
    ...(id?.imageTag !== undefined && { tag: id.imageTag }),
  };
}
