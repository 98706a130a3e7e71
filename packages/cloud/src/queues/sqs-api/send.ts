import { AwsError } from "../../http/aws-service.ts";
import { type Message, sequenceNumber } from "../message.ts";
import type { Queue } from "../queue.ts";
import { batchResults, checkBatch } from "./batch.ts";
import type { SqsContext } from "./context.ts";
import { messageDraft, messageSize } from "./draft.ts";
import type { Input, MessageInput } from "./input.ts";
import { attributesMd5, md5 } from "./md5.ts";

export function sendMessage(context: SqsContext, input: Input<"SendMessage">): object {
  return send(context, context.queue(input.QueueUrl, "SendMessage"), input);
}

export function sendMessageBatch(context: SqsContext, input: Input<"SendMessageBatch">): object {
  const queue = context.queue(input.QueueUrl, "SendMessage");
  checkBatch(input.Entries);
  const size = input.Entries.reduce((sum, entry) => sum + messageSize(entry), 0);
  if (size > queue.settings.maximumMessageSize)
    throw new AwsError(
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${queue.settings.maximumMessageSize} bytes. You have sent ${size} bytes.`,
    );
  return batchResults(input.Entries, (entry) => send(context, queue, entry));
}

function send(context: SqsContext, queue: Queue, input: MessageInput): object {
  const message: Message = queue.send(messageDraft(queue.settings, input, senderId(context)));
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(input.MessageBody),
    MD5OfMessageAttributes: attributesMd5(input.MessageAttributes ?? {}),
    MD5OfMessageSystemAttributes: attributesMd5(input.MessageSystemAttributes ?? {}),
    SequenceNumber: queue.settings.fifo ? sequenceNumber(message) : undefined,
  };
}

/** SQS shows a unique id of the principal; here the part of the ARN that names it. */
function senderId(context: SqsContext): string {
  const { caller } = context.request;
  return caller.service ?? caller.arn.split(":").slice(5).join(":");
}
