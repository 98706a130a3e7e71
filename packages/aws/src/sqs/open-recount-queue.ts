import { SQSClient } from "@aws-sdk/client-sqs";
import type { RecountQueue } from "@tallyman/domain/listing/ports";
import { sqsRecountQueue } from "./recount-queue.ts";

/** The queue of recounts with the function's own credentials and Region. */
export function openRecountQueue(queueUrl: string): RecountQueue {
  return sqsRecountQueue(new SQSClient({}), queueUrl);
}
