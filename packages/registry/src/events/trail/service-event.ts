import type { Switches } from "../../core/switches.ts";
import type { EcrEvent } from "../../ecr-event.ts";
import type { Repository } from "../../storage/repositories.ts";
import { commonRecord, repositoryResource } from "./record.ts";

export type ServiceEvent = {
  readonly name: "PolicyExecutionEvent" | "DryRunEvent" | "ImageActivationEvent";
  readonly repository: Repository;
  readonly time: Date;
  /** `serviceEventDetails` */
  readonly details: Readonly<Record<string, unknown>>;
};

const SERVICE_EVENT = "AWS Service Event via CloudTrail";

/** E13: the event with which rules hear of it. */
export function addressed(
  event: EcrEvent,
  { serviceEventRules }: Pick<Switches, "serviceEventRules">,
): EcrEvent {
  if (event.detailType !== SERVICE_EVENT) return event;
  return { ...event, readOnly: serviceEventRules === "allManagementEvents" };
}

/** `AWS Service Event via CloudTrail`: what ECR did by itself. `readOnly` is true in AWS's own records, whatever went. */
export function serviceEvent({ name, repository, time, details }: ServiceEvent): EcrEvent {
  const { account, region } = repository;
  return {
    account,
    region,
    detailType: SERVICE_EVENT,
    time,
    resources: [],
    detail: {
      eventVersion: "1.09",
      userIdentity: { accountId: account, invokedBy: "AWS Internal" },
      ...commonRecord(repository, name, time),
      sourceIPAddress: "AWS Internal",
      userAgent: "AWS Internal",
      requestParameters: null,
      responseElements: null,
      readOnly: true,
      resources: [{ ...repositoryResource(repository, repository.name), type: "AWS::ECR::Repository" }],
      eventType: "AwsServiceEvent",
      serviceEventDetails: details,
    },
  };
}

/** A restored image can be pulled again: besides the `ECR Image Action` of the same moment. */
export function imageActivated(restored: {
  readonly repository: Repository;
  readonly digest: string;
  readonly time: Date;
}): EcrEvent {
  const { repository, digest, time } = restored;
  const details = {
    repositoryName: repository.name,
    imageDigest: digest,
    targetStorageClass: "STANDARD",
    result: "SUCCESS",
    imageStatus: "ACTIVE",
  };
  return serviceEvent({ name: "ImageActivationEvent", repository, time, details });
}
