import type { CloudClock } from "../clock/cloud-clock.ts";
import { createRecurring, type Recurring } from "./recurring.ts";
import { type RunOptions, runSchedule, type ScheduleRun } from "./run-schedule.ts";
import type { Schedule } from "./schedule.ts";

export type { ScheduleRun } from "./run-schedule.ts";

export type Scheduler = {
  /** Runs now, enabled or not, and in addition to its times. Undefined: there is no schedule of that name. */
  run(name: string): ScheduleRun | undefined;
  names(): readonly string[];
  all(): readonly Schedule[];
  find(arn: string): Schedule | undefined;
  /** Whether a stack declares it: the next start makes it as the stack says. */
  isDeclared(arn: string): boolean;
  /** Adds a schedule, or replaces the one of its ARN. */
  put(schedule: Schedule): void;
  delete(arn: string): void;
  /** As the stacks say. */
  restore(): void;
  /** Saves after every change from now on. */
  keepWith(save: () => Promise<void>): void;
  /** Resolves when the last change is on the disk. */
  saved(): Promise<void>;
  stop(): void;
};

export type SchedulerOptions = RunOptions & {
  readonly schedules: readonly Schedule[];
  readonly clock: CloudClock;
};

/**
 * EventBridge Scheduler by the cloud clock. A `rate` first runs one period after the start; a jump of the clock over
 * many periods is one run.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const declared = new Map(options.schedules.map((schedule) => [schedule.arn, schedule]));
  const schedules = new Map<string, Schedule>();
  const recurring = createRecurring(options);
  let save = () => Promise.resolve();
  let saved = Promise.resolve();
  function changed(): void {
    saved = save();
    // Whoever made the change waits for it, and hears when it failed.
    saved.catch(() => undefined);
  }
  const scheduler: Scheduler = {
    run(name) {
      const wanted = name.toLowerCase();
      const schedule = [...schedules.values()].find((one) =>
        [one.name, one.logicalName].some((n) => n.toLowerCase() === wanted),
      );
      return schedule && runSchedule(options, schedule, options.clock.now());
    },
    names: () => [...schedules.values()].map((schedule) => schedule.name),
    all: () => [...schedules.values()],
    find: (arn) => schedules.get(arn),
    isDeclared: (arn) => declared.has(arn),
    put(schedule) {
      schedules.set(schedule.arn, schedule);
      arm(options, recurring, { schedule, over: () => scheduler.delete(schedule.arn) });
      changed();
    },
    delete(arn) {
      schedules.delete(arn);
      recurring.delete(arn);
      changed();
    },
    restore() {
      for (const arn of schedules.keys()) if (!declared.has(arn)) scheduler.delete(arn);
      for (const schedule of declared.values())
        if (schedules.get(schedule.arn) !== schedule) scheduler.put(schedule);
    },
    keepWith(next) {
      save = next;
    },
    saved: () => saved,
    stop: () => recurring.stop(),
  };
  scheduler.restore();
  return scheduler;
}

function arm(
  options: SchedulerOptions,
  recurring: Recurring,
  { schedule, over }: { readonly schedule: Schedule; readonly over: () => void },
): void {
  if (!schedule.enabled) recurring.delete(schedule.arn);
  else
    recurring.set(schedule.arn, schedule.expression, (due) => {
      const { start: from, end } = schedule.window ?? {};
      if ((!from || due >= from) && (!end || due <= end)) runSchedule(options, schedule, due);
      if (schedule.deletedAfter && isOver(schedule, options.clock.now())) over();
    });
}

function isOver({ expression, window }: Schedule, now: Date): boolean {
  if (expression.kind === "rate") return window?.end !== undefined && now > window.end;
  const next = expression.next(now);
  return next === undefined || (window?.end !== undefined && next > window.end);
}
