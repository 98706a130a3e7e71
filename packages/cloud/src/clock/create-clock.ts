import type { CloudClock } from "./cloud-clock.ts";

/**
 * The clock of one cloud, at the wall clock's time until it is set. `offset` holds one double
 * (`Float64Array`, milliseconds): workers shift their own `Date` by it. One aligned store is seen whole or not at all.
 */
export function createClock(wallNow: () => number = Date.now): CloudClock {
  const offset = new SharedArrayBuffer(8);
  const milliseconds = new Float64Array(offset);
  const listeners = new Set<() => void>();
  return {
    offset,
    now: () => new Date(wallNow() + readOffset(offset)),
    set(now) {
      milliseconds[0] = now.getTime() - wallNow();
      for (const listener of [...listeners]) listener();
    },
    onSet(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Milliseconds that a clock's `offset` holds. */
export function readOffset(offset: SharedArrayBuffer): number {
  return new Float64Array(offset)[0] ?? 0;
}
