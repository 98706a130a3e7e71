import { AwsError, type AwsResponse } from "../../http/aws-service.ts";

/**
 * SQS moved from the Query protocol to JSON; SDKs restore the old error codes from `x-amzn-query-error`
 * (aws.protocols#awsQueryCompatible). Codes that are not listed are the same in both.
 */
const queryCodes: Readonly<Record<string, string>> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
  PurgeQueueInProgress: "AWS.SimpleQueueService.PurgeQueueInProgress",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
  AccessDeniedException: "AccessDenied",
};

/** One failed entry of a batch. */
export type BatchFailure = {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
};

export function queryCode(error: AwsError): string {
  return queryCodes[error.code] ?? error.code;
}

export function renderError(error: AwsError): AwsResponse {
  const fault = error.status < 500 ? "Sender" : "Receiver";
  return {
    status: error.status,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-query-error": `${queryCode(error)};${fault}`,
    },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message }),
  };
}

export function missingParameter(name: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

export function invalidParameter(name: string, reason: string, value?: unknown): AwsError {
  const shown = value === undefined ? "Value" : `Value ${String(value)}`;
  return new AwsError(
    "InvalidParameterValue",
    `${shown} for parameter ${name} is invalid. Reason: ${reason}`,
  );
}
