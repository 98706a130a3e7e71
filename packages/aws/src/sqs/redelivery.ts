import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Redelivery } from "@tallyman/domain/notice/redelivery";

/** Sets the visibility timeout of single messages of one queue. Lambda leaves it alone for messages reported as failed. */
export function sqsRedelivery(sqs: SQSClient, queueUrl: string): Redelivery {
  return {
    async after(receiptHandle, seconds) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
  };
}
