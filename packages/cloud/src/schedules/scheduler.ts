import { randomUUID } from "node:crypto";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Timers } from "../clock/timers.ts";
import { eventTime } from "../events/bus-event.ts";
import { deliverWithRetries, type Failure } from "../events/retried-delivery.ts";
import { AwsError } from "../http/aws-service.ts";
import type { AssumeServiceRole } from "../identity/service-roles.ts";
import type { SendToQueue } from "../queues/service-send.ts";
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
  stop(): void;
};

export type SchedulerOptions = {
  readonly schedules: readonly Schedule[];
  readonly clock: CloudClock;
  readonly timers: Timers;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly sendToQueue: SendToQueue;
  /** A run that reached neither its queue nor its dead-letter queue. */
  readonly onLost: (schedule: Schedule, reason: string) => void;
};

/**
 * EventBridge Scheduler by the cloud clock. A `rate` first runs one period after the start; a jump of the clock over
 * many periods is one run.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { schedules, clock, timers } = options;
  const enabled = schedules.filter((schedule) => schedule.enabled);
  const cancels = new Map<Schedule, () => void>();

  function arm(schedule: Schedule): void {
    cancels.get(schedule)?.();
    const wait = untilNext(schedule, clock.now());
    if (wait === undefined) return;
    const due = new Date(clock.now().getTime() + wait);
    const fire = () => {
      arm(schedule);
      start(options, schedule, due);
    };
    cancels.set(schedule, timers.after(wait, fire));
  }

  for (const schedule of enabled) arm(schedule);
  // A cron expression means the clock's time: where the clock was set, its next time is another one.
  const forget = clock.onSet(() => {
    for (const schedule of enabled) if (schedule.expression.kind === "cron") arm(schedule);
  });

  return {
    run(name) {
      const wanted = name.toLowerCase();
      const schedule = schedules.find((one) =>
        [one.name, one.logicalName].some((n) => n.toLowerCase() === wanted),
      );
      return schedule && start(options, schedule, clock.now());
    },
    names: () => schedules.map((schedule) => schedule.name),
    stop() {
      forget();
      for (const cancel of cancels.values()) cancel();
    },
  };
}

function untilNext({ expression }: Schedule, now: Date): number | undefined {
  if (expression.kind === "rate") return expression.milliseconds;
  const next = expression.next(now);
  return next && next.getTime() - now.getTime();
}

function start(options: SchedulerOptions, schedule: Schedule, scheduled: Date): ScheduleRun {
  const execution = randomUUID();
  let attempts = 0;
  deliverWithRetries(options.timers, {
    retry: schedule.retry,
    attempt: () => {
      attempts += 1;
      send(options, schedule, schedule.queueArn, inputOf(schedule, { execution, scheduled, attempts }));
    },
    giveUp: (failure) => giveUp(options, { schedule, execution, scheduled, attempts }, failure),
  });
  return { schedule: schedule.name, execution };
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

/** Scheduler sends as the schedule's role, to the target and to the dead-letter queue. */
function send(
  options: SchedulerOptions,
  schedule: Schedule,
  queueArn: string,
  body: string,
  reason?: Failure,
): void {
  const { arn: sourceArn, name: sessionName } = schedule;
  const { caller } = options.assumeServiceRole(schedule.roleArn, principal, { sourceArn, sessionName });
  const attributes = reason && {
    ERROR_CODE: { DataType: "String", StringValue: reason.error.code },
    ERROR_MESSAGE: { DataType: "String", StringValue: reason.error.message },
    TARGET_ARN: { DataType: "String", StringValue: schedule.queueArn },
  };
  options.sendToQueue({
    caller,
    queueArn,
    body,
    group: queueArn.endsWith(".fifo") ? schedule.messageGroupId : undefined,
    attributes,
    context: {},
  });
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
    send(options, schedule, schedule.deadLetter, inputOf(schedule, run), failure);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    options.onLost(schedule, `${message}; dead-letter queue: ${error.message}`);
  }
}
