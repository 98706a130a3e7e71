import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { DueQueue } from "@tallyman/domain/due/ports";

/** Due replica checks, on their way to whoever looks. */
export function sqsReplicaCheckQueue(sqs: SQSClient, queueUrl: string): DueQueue {
  return {
    async send(item) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(item) }));
    },
  };
}
