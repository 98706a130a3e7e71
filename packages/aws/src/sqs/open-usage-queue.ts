import { SQSClient } from "@aws-sdk/client-sqs";
import type { UsageQueue } from "@tallyman/domain/usage/ports";
import { sqsUsageQueue } from "./usage-queue.ts";

/** The queue of usage with the function's own credentials and Region. */
export function openUsageQueue(queueUrl: string): UsageQueue {
  return sqsUsageQueue(new SQSClient({}), queueUrl);
}
