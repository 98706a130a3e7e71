import type { Timers } from "@tallyman/cloud/clock/timers";

/** A clock that stands still until it is told, and the timers that go by it. */
export type VirtualTime = Timers & {
  now(): Date;
  /** Sets the clock forward; timers that are due by then fire, in order. */
  advance(milliseconds: number): void;
  /** When the next timer is due. */
  next(): number | undefined;
};

export function virtualTime(start: Date): VirtualTime {
  let at = start.getTime();
  const timers = new Set<{ readonly time: number; readonly callback: () => void }>();

  function set(time: number, callback: () => void): () => void {
    const timer = { time, callback };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  return {
    now: () => new Date(at),
    elapsed: () => at,
    at: set,
    after: (duration, callback) => set(at + duration, callback),
    advance(milliseconds) {
      const until = at + milliseconds;
      for (;;) {
        const [next] = [...timers].filter(({ time }) => time <= until).toSorted((a, b) => a.time - b.time);
        if (!next) break;
        timers.delete(next);
        at = Math.max(at, next.time);
        next.callback();
      }
      at = until;
    },
    next: () => (timers.size === 0 ? undefined : Math.min(...timers.values().map(({ time }) => time))),
    stop: () => timers.clear(),
  };
}
