import type { CloudClock } from "./cloud-clock.ts";

/**
 * The clock of one cloud, at the wall clock's time until it is set. `offset` holds one signed 64-bit integer
 * (`BigInt64Array`, milliseconds), written and read with `Atomics`: workers shift their own `Date` by it.
 */
export function createClock(wallNow: () => number = Date.now): CloudClock {
  const offset = new SharedArrayBuffer(8);
  const milliseconds = new BigInt64Array(offset);
  const listeners = new Set<() => void>();
  return {
    offset,
    now: () => new Date(wallNow() + readOffset(offset)),
    set(now) {
      Atomics.store(milliseconds, 0, BigInt(now.getTime() - wallNow()));
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
  return Number(Atomics.load(new BigInt64Array(offset), 0));
}
