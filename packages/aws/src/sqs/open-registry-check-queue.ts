import { SQSClient } from "@aws-sdk/client-sqs";
import type { RegistryCheckQueue } from "@tallyman/domain/registry/check-job";
import { sqsRegistryCheckQueue } from "./registry-check-queue.ts";

/** The queue of checks with the function's own credentials and Region. */
export function openRegistryCheckQueue(queueUrl: string): RegistryCheckQueue {
  return sqsRegistryCheckQueue(new SQSClient({}), queueUrl);
}
