import { randomUUID } from "node:crypto";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Timers } from "../clock/timers.ts";
import { eventTime } from "../events/bus-event.ts";
import type { RunTask } from "../events/ecs-target.ts";
import { deliverWithRetries, type Failure } from "../events/retried-delivery.ts";
import { AwsError } from "../http/aws-service.ts";
import type { AssumeServiceRole } from "../identity/service-roles.ts";
import type { SendToQueue } from "../queues/service-send.ts";
import { createRecurring, type Recurring } from "./recurring.ts";
import { runTarget } from "./run-target.ts";
import type { Schedule } from "./schedule.ts";

const principal = "scheduler.amazonaws.com";

/** One run of a schedule, as it was asked for or came due. */
export type ScheduleRun = {
  readonly schedule: string;
  /** What the target finds for `<aws.scheduler.execution-id>`. */
  readonly execution: string;
};

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

export type SchedulerOptions = {
  readonly schedules: readonly Schedule[];
  readonly clock: CloudClock;
  readonly timers: Timers;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly sendToQueue: SendToQueue;
  readonly runTask: RunTask;
  /** A run that reached neither its target nor its dead-letter queue. */
  readonly onLost: (schedule: Schedule, reason: string) => void;
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
      return schedule && start(options, schedule, options.clock.now());
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
      if ((!from || due >= from) && (!end || due <= end)) start(options, schedule, due);
      if (schedule.deletedAfter && isOver(schedule, options.clock.now())) over();
    });
}

function isOver({ expression, window }: Schedule, now: Date): boolean {
  if (expression.kind === "rate") return window?.end !== undefined && now > window.end;
  const next = expression.next(now);
  return next === undefined || (window?.end !== undefined && next > window.end);
}

function start(options: SchedulerOptions, schedule: Schedule, scheduled: Date): ScheduleRun {
  const execution = randomUUID();
  let attempts = 0;
  deliverWithRetries(options.timers, {
    retry: schedule.retry,
    attempt: () => {
      attempts += 1;
      const { caller } = assume(options, schedule);
      const input = inputOf(schedule, { execution, scheduled, attempts });
      runTarget(options, { schedule, caller, input });
    },
    giveUp: (failure) => giveUp(options, { schedule, execution, scheduled, attempts }, failure),
  });
  return { schedule: schedule.name, execution };
}

/** Scheduler acts as the schedule's role, towards the target and the dead-letter queue. */
function assume({ assumeServiceRole }: SchedulerOptions, { roleArn, arn: sourceArn, name }: Schedule) {
  return assumeServiceRole(roleArn, principal, { sourceArn, sessionName: name });
}

type Attempt = { readonly execution: string; readonly scheduled: Date; readonly attempts: number };

/** Scheduler's context attributes, replaced wherever they stand in the input. */
function inputOf({ input, arn }: Schedule, { execution, scheduled, attempts }: Attempt): string {
  return input
    .replaceAll("<aws.scheduler.execution-id>", execution)
    .replaceAll("<aws.scheduler.scheduled-time>", eventTime(scheduled))
    .replaceAll("<aws.scheduler.schedule-arn>", arn)
    .replaceAll("<aws.scheduler.attempt-number>", String(attempts));
}

function giveUp(
  options: SchedulerOptions,
  run: Attempt & { readonly schedule: Schedule },
  failure: Failure,
): void {
  const { schedule } = run;
  const { message } = failure.error;
  if (!schedule.deadLetter) {
    options.onLost(schedule, message);
    return;
  }
  try {
    deadLetter(options, run, { queueArn: schedule.deadLetter, failure });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    options.onLost(schedule, `${message}; dead-letter queue: ${error.message}`);
  }
}

function deadLetter(
  options: SchedulerOptions,
  run: Attempt & { readonly schedule: Schedule },
  { queueArn, failure }: { readonly queueArn: string; readonly failure: Failure },
): void {
  const { schedule } = run;
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  options.sendToQueue({
    caller: assume(options, schedule).caller,
    queueArn,
    body: inputOf(schedule, run),
    group: queueArn.endsWith(".fifo") ? schedule.target.messageGroupId : undefined,
    attributes: {
      ERROR_CODE: text(failure.error.code),
      ERROR_MESSAGE: text(failure.error.message),
      TARGET_ARN: text(schedule.target.arn),
    },
    context: {},
  });
}
