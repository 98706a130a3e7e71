import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Timers } from "../clock/timers.ts";
import type { ScheduleExpression } from "./schedule-expression.ts";

/** What happens again and again, by the cloud's clock. */
export type Recurring = {
  /** In the place of what this key was before. `fire` hears when it was due. */
  set(key: string, expression: ScheduleExpression, fire: (due: Date) => void): void;
  delete(key: string): void;
  stop(): void;
};

/** A `rate` first comes one period after it was set; a jump of the clock over many periods is one time. */
export function createRecurring({
  clock,
  timers,
}: {
  readonly clock: CloudClock;
  readonly timers: Timers;
}): Recurring {
  const armed = new Map<string, Armed>();

  function arm(key: string, { expression, fire }: Omit<Armed, "cancel">): void {
    armed.get(key)?.cancel();
    const wait = untilNext(expression, clock.now());
    // What has no next time may have one again when the clock is set back.
    const cancel = wait === undefined ? () => undefined : start(key, { expression, fire }, wait);
    armed.set(key, { expression, fire, cancel });
  }

  function start(key: string, one: Omit<Armed, "cancel">, wait: number): () => void {
    const due = new Date(clock.now().getTime() + wait);
    return timers.after(wait, () => {
      arm(key, one);
      one.fire(due);
    });
  }

  // A cron expression means the clock's time: where the clock was set, its next time is another one.
  const forget = clock.onSet(() => {
    for (const [key, one] of [...armed]) if (one.expression.kind === "cron") arm(key, one);
  });

  return {
    set: (key, expression, fire) => arm(key, { expression, fire }),
    delete(key) {
      armed.get(key)?.cancel();
      armed.delete(key);
    },
    stop() {
      forget();
      for (const { cancel } of armed.values()) cancel();
      armed.clear();
    },
  };
}

type Armed = {
  readonly expression: ScheduleExpression;
  readonly fire: (due: Date) => void;
  readonly cancel: () => void;
};

function untilNext(expression: ScheduleExpression, now: Date): number | undefined {
  if (expression.kind === "rate") return expression.milliseconds;
  const next = expression.next(now);
  return next && next.getTime() - now.getTime();
}
