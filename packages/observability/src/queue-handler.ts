import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from "@aws-lambda-powertools/batch";
import middy, { type MiddyfiedHandler } from "@middy/core";
import type * as z from "@tallyman/domain/zod";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { parseMessage } from "./message.ts";
import type { Telemetry } from "./telemetry.ts";

export type QueueHandlerOptions<Schema extends z.ZodMiniType> = {
  readonly telemetry: Telemetry;
  /** What a message body, once read as JSON, must be. */
  readonly schema: Schema;
  /**
   * `none`: the messages of a batch are processed at the same time. `per-group`: a FIFO queue; in order, and after a
   * failure the rest of the same message group is handed back unprocessed, other groups go on.
   */
  readonly ordering: "none" | "per-group";
  /** Called with whatever a message failed of, its body included, before it is handed back. Must not throw. */
  onFailure?(error: unknown, message: MessageInfo): Promise<void>;
} & ({ readonly onMessage: OnMessage<Schema> } | { readonly onBatch: OnBatch<Schema> });

/** Does the work of one message; throwing hands exactly this message back to the queue. */
type OnMessage<Schema extends z.ZodMiniType> = (
  body: z.output<Schema>,
  message: MessageInfo,
) => Promise<void>;

/**
 * Where the messages of a batch share something: called for each batch, when all of its messages are there, so that what is
 * asked from then on is news to each of them.
 */
type OnBatch<Schema extends z.ZodMiniType> = () => OnMessage<Schema>;

export type MessageInfo = {
  readonly messageId: string;
  readonly receiveCount: number;
  /** Of the receive at hand. */
  readonly receiptHandle: string;
  /** After which Lambda ends the function, whatever it is doing; as it was when the message's turn came. */
  readonly secondsLeft: number;
};
export type QueueHandler = MiddyfiedHandler<SQSEvent, SQSBatchResponse>;

/**
 * The handler of a function behind an SQS queue: partial batch responses, parsed bodies, the standard middleware. A
 * body that does not parse fails like any other: the queue's redrive policy moves it to the dead-letter queue after its
 * last receive. Handing it back costs a few microseconds each time, and unlike sending it on ourselves it cannot be
 * lost between two calls.
 */
export function queueHandler<Schema extends z.ZodMiniType>(
  options: QueueHandlerOptions<Schema>,
): QueueHandler {
  const onBatch = "onBatch" in options ? options.onBatch : () => options.onMessage;
  const process = options.ordering === "per-group" ? perGroup() : unordered();
  const handler = middy((event: SQSEvent, context: Context) => {
    const onMessage = onBatch();
    return process(event, context, (record) =>
      processRecord(options, onMessage, { record, secondsLeft: context.getRemainingTimeInMillis() / 1000 }),
    );
  });
  for (const layer of options.telemetry.middleware) handler.use(layer);
  return handler;
}

async function processRecord<Schema extends z.ZodMiniType>(
  { schema, telemetry, onFailure }: QueueHandlerOptions<Schema>,
  onMessage: OnMessage<Schema>,
  { record, secondsLeft }: { readonly record: SQSRecord; readonly secondsLeft: number },
): Promise<void> {
  const { messageId, receiptHandle } = record;
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const info = { messageId, receiveCount, receiptHandle, secondsLeft };
  try {
    await onMessage(parseMessage(schema, record), info);
  } catch (error) {
    telemetry.log.error("message failed", { messageId, receiveCount, error });
    await onFailure?.(error, info);
    throw error;
  }
}

type OnRecord = (record: SQSRecord) => Promise<void>;
type ProcessBatch = (event: SQSEvent, context: Context, onRecord: OnRecord) => Promise<SQSBatchResponse>;

/** When all messages fail, throwing would hide which ones did and count as a function error. */
const throwOnFullBatchFailure = false;

function unordered(): ProcessBatch {
  const processor = new BatchProcessor(EventType.SQS);
  return (event, context, onRecord) =>
    processPartialResponse(event, onRecord, processor, { context, throwOnFullBatchFailure });
}

function perGroup(): ProcessBatch {
  const processor = new SqsFifoPartialProcessorAsync();
  return (event, context, onRecord) =>
    processPartialResponse(event, onRecord, processor, {
      context,
      throwOnFullBatchFailure,
      skipGroupOnError: true,
    });
}
