import { AwsError } from "../../http/aws-service.ts";
import { deduplicationId } from "../deduplication.ts";
import type { MessageDraft } from "../message.ts";
import type { QueueSettings } from "../queue-settings.ts";
import { invalidParameter, missingParameter } from "./errors.ts";
import type { MessageInput } from "./input.ts";

/** SQS: at most 900 s of delay. */
const longestDelay = 900;

/** `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF` */
const allowedBody = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const allowedId = /^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,128}$/;

/** A message as SQS accepts it for this queue; throws what SQS refuses it with. */
export function messageDraft(settings: QueueSettings, input: MessageInput, senderId: string): MessageDraft {
  checkBody(settings, input);
  const draft: MessageDraft = {
    body: input.MessageBody,
    attributes: input.MessageAttributes ?? {},
    group: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
    delay: input.DelaySeconds,
    traceHeader: input.MessageSystemAttributes?.["AWSTraceHeader"]?.StringValue,
    senderId,
  };
  if (settings.fifo) checkFifo(settings, draft);
  else if (draft.deduplicationId !== undefined)
    throw invalidParameter(
      "MessageDeduplicationId",
      "The request includes a parameter that is not valid for this queue type.",
    );
  checkDelay(settings, draft.delay);
  return draft;
}

/** Bytes that count against the size limit: body, attribute names, types and values. */
export function messageSize(input: MessageInput): number {
  const attributes = Object.entries(input.MessageAttributes ?? {});
  return attributes.reduce(
    (size, [name, { DataType, StringValue, BinaryValue }]) =>
      size +
      bytes(name) +
      bytes(DataType) +
      bytes(StringValue) +
      Buffer.byteLength(BinaryValue ?? "", "base64"),
    bytes(input.MessageBody),
  );
}

function bytes(text = ""): number {
  return Buffer.byteLength(text, "utf8");
}

function checkBody(settings: QueueSettings, input: MessageInput): void {
  if (input.MessageBody.length === 0) throw missingParameter("MessageBody");
  if (!allowedBody.test(input.MessageBody))
    throw new AwsError("InvalidMessageContents", "The message contains characters outside the allowed set.");
  if (messageSize(input) > settings.maximumMessageSize)
    throw invalidParameter(
      "MessageBody",
      `Message must be shorter than ${settings.maximumMessageSize} bytes.`,
    );
  const attributes = Object.entries(input.MessageAttributes ?? {});
  if (attributes.length > 10)
    throw invalidParameter(
      "MessageAttributes",
      "Number of message attributes exceeds the allowed maximum of 10.",
    );
  for (const [name, { DataType, StringValue, BinaryValue }] of attributes) {
    const binary = DataType.startsWith("Binary");
    if (!/^(String|Number|Binary)(\.|$)/.test(DataType) || !(binary ? BinaryValue : StringValue))
      throw invalidParameter(
        `MessageAttributes.${name}`,
        "it needs a type of String, Number or Binary and a value.",
      );
  }
}

function checkFifo(settings: QueueSettings, draft: MessageDraft): void {
  if (draft.group === undefined) throw missingParameter("MessageGroupId");
  if (!allowedId.test(draft.group))
    throw invalidParameter(
      "MessageGroupId",
      "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    );
  if (draft.deduplicationId !== undefined && !allowedId.test(draft.deduplicationId))
    throw invalidParameter(
      "MessageDeduplicationId",
      "MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    );
  if (deduplicationId(settings, draft) === undefined)
    throw new AwsError(
      "InvalidParameterValue",
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
}

function checkDelay(settings: QueueSettings, delay: number | undefined): void {
  if (delay === undefined) return;
  if (delay < 0 || delay > longestDelay)
    throw invalidParameter("DelaySeconds", `DelaySeconds must be >= 0 and <= ${longestDelay}.`, delay);
  if (settings.fifo && delay > 0)
    throw invalidParameter(
      "DelaySeconds",
      "The request include parameter that is not valid for this queue type.",
      delay,
    );
}
