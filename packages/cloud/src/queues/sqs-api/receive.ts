import { type Message, sequenceNumber } from "../message.ts";
import type { SqsContext } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import type { Input } from "./input.ts";
import { attributesMd5, md5 } from "./md5.ts";

export async function receiveMessage(context: SqsContext, input: Input<"ReceiveMessage">): Promise<object> {
  const queue = context.queue(input.QueueUrl, "ReceiveMessage");
  const { MaxNumberOfMessages: max = 1, VisibilityTimeout: visibility, WaitTimeSeconds: wait } = input;
  checkRange("MaxNumberOfMessages", max, 1, 10);
  checkRange("VisibilityTimeout", visibility, 0, 43_200);
  checkRange("WaitTimeSeconds", wait, 0, 20);
  const signal = context.request.signal;
  const messages = await queue.receive({ max, visibility, wait, signal });
  return { Messages: messages.length > 0 ? messages.map((message) => shown(message, input)) : undefined };
}

export function checkRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && (value < least || value > most))
    throw invalidParameter(name, `Must be between ${least} and ${most}, if provided.`, value);
}

function shown(message: Message, input: Input<"ReceiveMessage">): object {
  const attributes = select(message.attributes, input.MessageAttributeNames ?? [], [".*", "All"]);
  const names = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const system = select(systemAttributes(message), names, ["All"]);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: Object.keys(system).length > 0 ? system : undefined,
    MessageAttributes: Object.keys(attributes).length > 0 ? attributes : undefined,
    MD5OfMessageAttributes: attributesMd5(attributes),
  };
}

/** What SQS itself says about a message; values are text. */
export function systemAttributes(message: Message): Record<string, string> {
  const fifo =
    message.group === undefined || message.deduplicationId === undefined ? {} : fifoAttributes(message);
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? ""),
    ...(message.group === undefined ? {} : { MessageGroupId: message.group }),
    ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
    ...(message.deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
    ...fifo,
  };
}

function fifoAttributes(message: Message): Record<string, string> {
  return { MessageDeduplicationId: message.deduplicationId ?? "", SequenceNumber: sequenceNumber(message) };
}

/** By name, by prefix (`foo.*`), or all. */
function select<Value>(
  from: Readonly<Record<string, Value>>,
  names: readonly string[],
  all: readonly string[],
): Record<string, Value> {
  const wanted = (name: string) =>
    names.some(
      (one) => all.includes(one) || one === name || (one.endsWith(".*") && name.startsWith(one.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(from).filter(([name]) => wanted(name)));
}
