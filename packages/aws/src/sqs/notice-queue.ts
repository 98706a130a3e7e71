import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { NoticeSink } from "@tallyman/domain/notice/notice";
import { deduplicationId } from "./deduplication-id.ts";

/** Notices in order per channel. SQS drops a repeated key for five minutes; after that the reader recognises it. */
export function sqsNoticeQueue(sqs: SQSClient, queueUrl: string): NoticeSink {
  return {
    async send(notice) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(notice),
          MessageGroupId: notice.channel,
          MessageDeduplicationId: deduplicationId(notice.key),
        }),
      );
    },
  };
}
