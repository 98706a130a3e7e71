import type { CloudClock } from "./cloud-clock.ts";
import { readOffset } from "./create-clock.ts";

/**
 * Timers by the cloud clock. `elapsed()` runs with the clock and jumps forward with it, but never goes back: setting
 * the clock back 30 days must not turn a 30-second visibility timeout into 30 days. Milliseconds throughout.
 */
export type Timers = {
  elapsed(): number;
  /** Calls back once when `elapsed()` reaches `time`. Returns how to cancel. */
  at(time: number, callback: () => void): () => void;
  /** Calls back once after a duration. Returns how to cancel. */
  after(duration: number, callback: () => void): () => void;
  stop(): void;
};

type Timer = { readonly time: number; readonly callback: () => void };

/** Node clamps longer delays to 1 ms. */
const longestTimeout = 2 ** 31 - 1;

export function createTimers(clock: CloudClock): Timers {
  const pending = new Set<Timer>();
  let wake: NodeJS.Timeout | undefined;
  let offset = readOffset(clock.offset);
  let lostToSettingBack = 0;
  let stopped = false;

  const elapsed = () => clock.now().getTime() + lostToSettingBack;

  function rearm(): void {
    clearTimeout(wake);
    if (stopped || pending.size === 0) return;
    const next = Math.min(...pending.values().map((timer) => timer.time));
    wake = setTimeout(fire, Math.min(Math.max(next - elapsed(), 0), longestTimeout));
  }

  function fire(): void {
    const due = [...pending].filter((timer) => timer.time <= elapsed()).toSorted((a, b) => a.time - b.time);
    for (const timer of due) if (pending.delete(timer)) timer.callback();
    rearm();
  }

  const forget = clock.onSet(() => {
    const next = readOffset(clock.offset);
    if (next < offset) lostToSettingBack += offset - next;
    offset = next;
    fire();
  });

  function at(time: number, callback: () => void): () => void {
    const timer = { time, callback };
    if (!stopped) pending.add(timer);
    rearm();
    return () => {
      if (pending.delete(timer)) rearm();
    };
  }

  return {
    elapsed,
    at,
    after: (duration, callback) => at(elapsed() + duration, callback),
    stop() {
      stopped = true;
      forget();
      clearTimeout(wake);
      pending.clear();
    },
  };
}
