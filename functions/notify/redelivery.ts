import { MalformedMessageError } from "@tallyman/observability/message";
import { SlackRateLimitedError, SlackRefusedError } from "./errors.ts";

/** SQS's maximum visibility timeout. */
const LONGEST_SECONDS = 43_200;
const BACKOFF_SECONDS = [15, 60, 240, 360] as const;

/** Whether the next messages of the channel can go on although this one failed. */
export function concernsOnlyThisMessage(error: unknown): boolean {
  return error instanceof SlackRefusedError || error instanceof MalformedMessageError;
}

/**
 * In how many seconds a failed message comes back. What Slack asked for; a second when it can never succeed, so that it
 * reaches the dead-letter queue soon and does not hold its channel up; otherwise longer with each receive, about eleven
 * minutes in all.
 */
export function redeliverySeconds(error: unknown, receiveCount: number): number {
  if (error instanceof SlackRateLimitedError)
    return Math.min(Math.max(Math.ceil(error.retryAfterSeconds), 1), LONGEST_SECONDS);
  if (concernsOnlyThisMessage(error)) return 1;
  return BACKOFF_SECONDS[Math.min(Math.max(receiveCount, 1), BACKOFF_SECONDS.length) - 1] ?? 360;
}
