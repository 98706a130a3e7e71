import type { Redelivery } from "@tallyman/domain/notice/redelivery";
import { MalformedMessageError } from "@tallyman/observability/message";
import type { ReceivedMessage } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { UndeclaredRegistryError } from "./declared.ts";

const BACKOFF_SECONDS = [10, 30, 120, 300] as const;

/** Failing once more makes the message a dead letter: the queue's `maxReceiveCount` is one more than its ways back. */
export function isLastReceive(receiveCount: number): boolean {
  return receiveCount > BACKOFF_SECONDS.length;
}

type RedeliveryDeps = { readonly redelivery: Redelivery; readonly telemetry: Telemetry };

/**
 * In how many seconds a failed message comes back: longer with each receive, about eight minutes in all, then it is a
 * dead letter and its group goes on. At once when it can never succeed.
 */
export function redeliverySeconds(error: unknown, receiveCount: number): number {
  if (error instanceof MalformedMessageError || error instanceof UndeclaredRegistryError) return 1;
  return BACKOFF_SECONDS[Math.min(Math.max(receiveCount, 1), BACKOFF_SECONDS.length) - 1] ?? 300;
}

/** The queue's own visibility timeout is that of the longest sweep: so long a failed message would hold its group up. */
export async function comeBackSoon(
  { redelivery, telemetry }: RedeliveryDeps,
  error: unknown,
  { messageId, receiptHandle, receiveCount }: ReceivedMessage,
): Promise<void> {
  const seconds = redeliverySeconds(error, receiveCount);
  try {
    await redelivery.after(receiptHandle, seconds);
  } catch (failure) {
    telemetry.log.warn("redelivery time not set", { messageId, seconds, error: failure });
  }
}
