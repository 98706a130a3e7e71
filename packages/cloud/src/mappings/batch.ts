import * as z from "zod";
import type { InvocationResult } from "../lambda/function-runtime.ts";
import type { Message } from "../queues/message.ts";
import { attributesMd5, md5 } from "../queues/sqs-api/md5.ts";
import { systemAttributes } from "../queues/sqs-api/receive.ts";
import type { Mapping } from "./mapping.ts";

/** The event of a batch, as Lambda hands it to a function (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export function batchEvent(
  mapping: Mapping,
  messages: readonly Message[],
): { readonly Records: readonly object[] } {
  return { Records: messages.map((message) => record(mapping, message)) };
}

function record({ queueArn, region }: Mapping, message: Message): object {
  const attributes = Object.entries(message.attributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        stringValue: StringValue,
        binaryValue: BinaryValue,
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ],
  );
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(attributes),
    md5OfMessageAttributes: attributesMd5(message.attributes),
    md5OfBody: md5(message.body),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

/** `null` and `{}` mean that everything succeeded; an id that is empty, null or of no message fails the whole batch. */
const PartialResponse = z.union([
  z.null(),
  z.undefined(),
  z.object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  }),
]);

/** The messages that are done and may be deleted; the others come back when their visibility timeout ends. */
export function succeeded(
  mapping: Mapping,
  messages: readonly Message[],
  result: InvocationResult,
): readonly Message[] {
  if (!result.ok) return [];
  if (!mapping.reportsItemFailures) return messages;
  const parsed = PartialResponse.safeParse(result.payload === "" ? null : result.payload);
  if (!parsed.success) return [];
  const failed = new Set((parsed.data?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier));
  const ids = new Set(messages.map((message) => message.id));
  if (!failed.isSubsetOf(ids)) return [];
  return messages.filter((message) => !failed.has(message.id));
}
