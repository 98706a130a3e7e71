import type { Redelivery } from "@tallyman/domain/notice/redelivery";
import { MalformedMessageError } from "@tallyman/observability/message";
import type { MessageInfo } from "@tallyman/observability/queue-handler";
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
  deps: RedeliveryDeps,
  error: unknown,
  message: MessageInfo,
): Promise<void> {
  await comeBackAfter(deps, message, redeliverySeconds(error, message.receiveCount));
}

/** What clocks and the ending of a function may take. */
const MARGIN_SECONDS = 60;

/**
 * Does a message's work. A worker that is killed meanwhile reports nothing, and its message would hold its group up for the
 * queue's visibility timeout, six times what the function may take: the message is told to come back as soon as this run of the
 * function must be over. Nothing else depends on that being heard.
 */
export async function comingBackIfKilled(
  deps: RedeliveryDeps,
  message: MessageInfo,
  work: () => Promise<void>,
): Promise<void> {
  const told = comeBackAfter(deps, message, Math.ceil(message.secondsLeft) + MARGIN_SECONDS);
  try {
    await work();
  } finally {
    // Before a failure says when to come back instead.
    await told;
  }
}

async function comeBackAfter(
  { redelivery, telemetry }: RedeliveryDeps,
  { messageId, receiptHandle }: MessageInfo,
  seconds: number,
): Promise<void> {
  try {
    await redelivery.after(receiptHandle, seconds);
  } catch (error) {
    telemetry.log.warn("redelivery time not set", { messageId, seconds, error });
  }
}
