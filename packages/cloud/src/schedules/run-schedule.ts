import { randomUUID } from "node:crypto";
import type { Timers } from "../clock/timers.ts";
import { eventTime } from "../events/bus-event.ts";
import type { RunTask } from "../events/ecs-target.ts";
import { deliverWithRetries, type Failure } from "../events/retried-delivery.ts";
import { AwsError } from "../http/aws-service.ts";
import type { AssumeServiceRole } from "../identity/service-roles.ts";
import type { SendToQueue } from "../queues/service-send.ts";
import { runTarget } from "./run-target.ts";
import type { Schedule } from "./schedule.ts";

const principal = "scheduler.amazonaws.com";

/** One run of a schedule, as it was asked for or came due. */
export type ScheduleRun = {
  readonly schedule: string;
  /** What the target finds for `<aws.scheduler.execution-id>`. */
  readonly execution: string;
};

export type RunOptions = {
  readonly timers: Timers;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly sendToQueue: SendToQueue;
  readonly runTask: RunTask;
  /** A run that reached neither its target nor its dead-letter queue. */
  readonly onLost: (schedule: Schedule, reason: string) => void;
};

/** Does what a schedule is for, now, and again as its retry policy says where that fails. */
export function runSchedule(options: RunOptions, schedule: Schedule, scheduled: Date): ScheduleRun {
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
function assume({ assumeServiceRole }: RunOptions, { roleArn, arn: sourceArn, name }: Schedule) {
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

function giveUp(options: RunOptions, run: Attempt & { readonly schedule: Schedule }, failure: Failure): void {
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
  options: RunOptions,
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
