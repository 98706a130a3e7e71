/** A message attribute as the SQS API carries it; binary values in base64. */
export type MessageAttribute = {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
};
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a sender gives. `delay` in seconds, only for standard queues. */
export type MessageDraft = {
  readonly body: string;
  readonly attributes?: MessageAttributes | undefined;
  readonly group?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly delay?: number | undefined;
  readonly traceHeader?: string | undefined;
  /** Unique id of the sender's principal, shown as `SenderId`. */
  readonly senderId: string;
};

/**
 * A message in a queue. `sentAt`, `firstReceivedAt`: epoch milliseconds by the cloud clock, as shown to receivers.
 * `enqueuedAt`, `visibleAt`: by elapsed time (clock/timers.ts), which is what timeouts count.
 */
export type Message = {
  readonly id: string;
  /** Order of arrival in the whole cloud; FIFO queues show it as the sequence number. */
  readonly order: number;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly group?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly traceHeader?: string | undefined;
  readonly senderId: string;
  readonly sentAt: number;
  readonly enqueuedAt: number;
  /** The queue that gave it up, when it lies in a dead-letter queue. */
  readonly deadLetterSource?: string | undefined;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number | undefined;
  /** The newest receipt handle; older ones no longer delete. */
  receipt?: string | undefined;
};

/** Twenty digits, growing: what SQS shows as `SequenceNumber`. */
export function sequenceNumber(message: Message): string {
  return String(message.order).padStart(20, "0");
}
