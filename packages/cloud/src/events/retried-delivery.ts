import type { Timers } from "../clock/timers.ts";
import { AwsError } from "../http/aws-service.ts";
import type { RetryPolicy } from "./rule.ts";

export type Failure = {
  readonly error: AwsError;
  readonly attempts: number;
  /** Why it ended; undefined for an error that another attempt cannot change. */
  readonly exhausted?: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds" | undefined;
};

export type RetriedDelivery = {
  readonly retry: RetryPolicy;
  /** Throws an AwsError when the target did not take it. */
  readonly attempt: () => void;
  readonly giveUp: (failure: Failure) => void;
  readonly done?: () => void;
};

/** Half a minute at most between attempts: EventBridge backs off exponentially, with its own jitter. */
const longestPause = 30_000;

/**
 * Tries until the target takes it, a permanent error comes (no permission, no such target: EventBridge does not try
 * those again) or the retry policy is exhausted. The first attempt is made before this returns.
 */
export function deliverWithRetries(timers: Timers, delivery: RetriedDelivery): void {
  const started = timers.elapsed();
  tryOnce(1);

  function tryOnce(attempts: number): void {
    const error = errorOf(delivery.attempt);
    if (!error) {
      delivery.done?.();
      return;
    }
    const pause = Math.min(1000 * 2 ** (attempts - 1), longestPause);
    const age = (timers.elapsed() + pause - started) / 1000;
    const exhausted = exhaustedBy(delivery.retry, attempts, age);
    if (!isTransient(error)) delivery.giveUp({ error, attempts });
    else if (exhausted) delivery.giveUp({ error, attempts, exhausted });
    else timers.after(pause, () => tryOnce(attempts + 1));
  }
}

function exhaustedBy(retry: RetryPolicy, attempts: number, age: number): Failure["exhausted"] {
  if (attempts > retry.maximumAttempts) return "MaximumRetryAttempts";
  return age > retry.maximumAge ? "MaximumEventAgeInSeconds" : undefined;
}

function isTransient(error: AwsError): boolean {
  return (
    error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests|LimitExceeded/.test(error.code)
  );
}

function errorOf(attempt: () => void): AwsError | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}
