/** A state that has ended and goes to history, and until when (ISO 8601) it is kept there. */
export type Settled<T> = T & { readonly forgetAt: string };

const DAY_MS = 24 * 60 * 60_000;

/** What ended at `at` is kept for `keepDays` days from then. */
export function forgetAfter(at: Date, keepDays: number): string {
  return new Date(at.getTime() + keepDays * DAY_MS).toISOString();
}

/** The state that ends now, as history. */
export function settled<T extends object>(state: T, now: Date, keepDays: number): Settled<T> {
  return { ...state, forgetAt: forgetAfter(now, keepDays) };
}

/**
 * When a state begins that follows `previous`: now, but not before that began. A worker that began earlier may write later,
 * and a clock may be set back; what is told of a past goes forward all the same.
 */
export function beginning(previous: { readonly since: string } | undefined, now: Date): string {
  const at = now.toISOString();
  return previous && previous.since > at ? previous.since : at;
}
