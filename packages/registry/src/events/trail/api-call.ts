import { randomUUID } from "node:crypto";
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { EcrEvent } from "../../ecr-event.ts";
import { requestParameters, responseElements } from "./elements.ts";
import { isReadOnly } from "./read-only.ts";
import { commonRecord, repositoryResource } from "./record.ts";
import { userIdentity } from "./user-identity.ts";

/** A call of ECR's API, also one that `/v2` made for a client. */
export type ApiCall = {
  readonly registry: Registry;
  readonly operation: string;
  readonly caller: Caller;
  readonly time: Date;
  /** Where it came from. `/v2` calls as `ecr.amazonaws.com`. */
  readonly client: { readonly address: string; readonly userAgent: string };
  readonly input: Readonly<Record<string, unknown>>;
  /** What was answered; of a call that only reads it is not written down. */
  readonly output: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
};

/**
 * `AWS API Call via CloudTrail`, on the bus of the registry's account and Region (Amazon ECR User Guide, "Logging Amazon
 * ECR actions with AWS CloudTrail"). A refused call is written down too, with its error.
 */
export function apiCallEvent(call: ApiCall): EcrEvent {
  const { registry, operation, time, input, output, error } = call;
  const readOnly = isReadOnly(operation);
  const repository = input["repositoryName"];
  return {
    account: registry.account,
    region: registry.region,
    detailType: "AWS API Call via CloudTrail",
    time,
    resources: [],
    readOnly,
    detail: {
      eventVersion: "1.11",
      userIdentity: userIdentity(call.caller),
      ...commonRecord(registry, operation, time),
      sourceIPAddress: call.client.address,
      userAgent: call.client.userAgent,
      ...(error && { errorCode: error.code, errorMessage: error.message }),
      requestParameters: requestParameters(input),
      responseElements: readOnly || error ? null : responseElements(operation, output),
      requestID: randomUUID(),
      readOnly,
      ...(typeof repository === "string" && { resources: [repositoryResource(registry, repository)] }),
      eventType: "AwsApiCall",
    },
  };
}
