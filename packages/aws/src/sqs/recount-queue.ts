import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { RecountQueue } from "@tallyman/domain/listing/ports";
import { registryName } from "@tallyman/domain/registry/registry";
import { deduplicationId } from "./deduplication-id.ts";

/**
 * So long all asking for a repository is one message. Shorter than the queue's delay of 60 s by what clocks may differ:
 * whoever asks last in a window has asked before the window's first message becomes visible.
 */
const WINDOW_MS = 45_000;

/** Repositories to count anew: each in a group of its own, once in each window. SQS drops what is asked again. */
export function sqsRecountQueue(
  sqs: SQSClient,
  queueUrl: string,
  now: () => number = Date.now,
): RecountQueue {
  return {
    async send({ account, region, repository }, heardAt) {
      const group = `${registryName({ account, region })}/${repository}`;
      const window = Math.floor(now() / WINDOW_MS);
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify({ account, region, repository, heardAt }),
          // A repository's name may be longer than a group's 128 characters, and has characters that no group has.
          MessageGroupId: deduplicationId(group),
          MessageDeduplicationId: deduplicationId(`${group}#${window}`),
        }),
      );
    },
  };
}
