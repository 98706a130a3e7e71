import { randomUUID } from "node:crypto";
import type { Message, MessageDraft } from "./message.ts";

/** When a message enters a queue: elapsed milliseconds, epoch milliseconds by the clock, its place in the order. */
export type Moment = { readonly elapsed: number; readonly now: number; readonly order: number };

/** A message as a queue accepts it from a sender; `delay` in seconds. */
export function acceptedMessage(draft: MessageDraft & { readonly delay: number }, at: Moment): Message {
  const { delay, ...fields } = draft;
  return {
    ...fields,
    id: randomUUID(),
    order: at.order,
    attributes: draft.attributes ?? {},
    sentAt: at.now,
    enqueuedAt: at.elapsed,
    visibleAt: at.elapsed + delay * 1000,
    receiveCount: 0,
  };
}

/** A message that `source` gave up: the same id and sending time, its own order in the dead-letter queue. */
export function deadLetter(
  message: Message,
  at: Moment & { readonly source: string; readonly fifo: boolean },
): Message {
  return {
    ...message,
    order: at.order,
    receiveCount: 0,
    receipt: undefined,
    visibleAt: at.elapsed,
    // Retention runs on from the first queue for a standard queue and starts again for FIFO.
    enqueuedAt: at.fifo ? at.elapsed : message.enqueuedAt,
    deadLetterSource: at.source,
  };
}

/** A message that comes back from a dead-letter queue: new to SQS, with its own id and times. */
export function redrivenMessage(message: Message, at: Moment): Message {
  return {
    ...message,
    id: randomUUID(),
    order: at.order,
    sentAt: at.now,
    enqueuedAt: at.elapsed,
    visibleAt: at.elapsed,
    receiveCount: 0,
    receipt: undefined,
    firstReceivedAt: undefined,
    deadLetterSource: undefined,
  };
}

/**
 * A message of the last process: whoever had received it died with it, or asks again, so that it is handed out now
 * (at-least-once allows it). The clock may have stood later then: no delay is longer than SQS's 900 s.
 */
export function resumedMessage(message: Message, elapsed: number): Message {
  const visibleAt = message.receiveCount > 0 ? elapsed : Math.min(message.visibleAt, elapsed + 900_000);
  return { ...message, visibleAt, enqueuedAt: Math.min(message.enqueuedAt, elapsed) };
}
