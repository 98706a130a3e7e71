import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { DueCheckQueue } from "@tallyman/domain/replication/due-check";

/** Replica checks whose time has come, on their way to whoever looks. */
export function sqsReplicaCheckQueue(sqs: SQSClient, queueUrl: string): DueCheckQueue {
  return {
    async send(check) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(check) }));
    },
  };
}
