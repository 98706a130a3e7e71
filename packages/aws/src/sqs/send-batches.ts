import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";

/** SQS takes ten messages in one request. */
const BATCH = 10;

/** Some messages were not taken. All may be sent again: consumers and deduplication ids make repeats harmless. */
export class MessagesNotSentError extends Error {
  readonly code = "MESSAGES_NOT_SENT";

  constructor(queueUrl: string, reasons: readonly string[]) {
    super(
      `${reasons.length} message(s) were not taken by ${queueUrl}: ${reasons.join(", ")}. Send all of them again.`,
    );
    this.name = "MessagesNotSentError";
  }
}

/** Sends every entry, ten at a time; throws MessagesNotSentError if any was refused. */
export async function sendBatches(
  sqs: SQSClient,
  queueUrl: string,
  entries: readonly Omit<SendMessageBatchRequestEntry, "Id">[],
): Promise<void> {
  for (let from = 0; from < entries.length; from += BATCH) {
    const batch = entries.slice(from, from + BATCH).map((entry, i) => ({ ...entry, Id: String(i) }));
    const { Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: batch }),
    );
    if (Failed.length > 0)
      throw new MessagesNotSentError(
        queueUrl,
        Failed.map(({ Code }) => Code ?? "no code"),
      );
  }
}
