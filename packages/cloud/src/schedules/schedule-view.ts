import type { Schedule } from "./schedule.ts";

/** A schedule as GetSchedule shows it. Times in seconds. */
export function scheduleView(schedule: Schedule): object {
  const { window, description, deletedAfter } = schedule;
  return {
    ...summary(schedule),
    ScheduleExpression: schedule.written.expression,
    ScheduleExpressionTimezone: schedule.written.timezone,
    FlexibleTimeWindow: { Mode: "OFF" },
    ActionAfterCompletion: deletedAfter ? "DELETE" : "NONE",
    ...(description !== undefined && { Description: description }),
    ...(window?.start && { StartDate: seconds(window.start) }),
    ...(window?.end && { EndDate: seconds(window.end) }),
    Target: targetView(schedule),
  };
}

/** As ListSchedules shows it. */
export function listedView(schedule: Schedule): object {
  return { ...summary(schedule), Target: { Arn: schedule.target.arn } };
}

function summary({ arn, name, enabled, made }: Schedule): object {
  return {
    Arn: arn,
    GroupName: "default",
    Name: name,
    State: enabled ? "ENABLED" : "DISABLED",
    ...(made && {
      CreationDate: seconds(new Date(made.created)),
      LastModificationDate: seconds(new Date(made.modified)),
    }),
  };
}

function targetView({ target, roleArn, input, deadLetter, retry }: Schedule): object {
  return {
    Arn: target.arn,
    RoleArn: roleArn,
    ...(input !== "{}" && { Input: input }),
    ...(deadLetter !== undefined && { DeadLetterConfig: { Arn: deadLetter } }),
    ...(target.ecs && { EcsParameters: target.ecs }),
    ...(target.messageGroupId !== undefined && { SqsParameters: { MessageGroupId: target.messageGroupId } }),
    RetryPolicy: {
      MaximumRetryAttempts: retry.maximumAttempts,
      MaximumEventAgeInSeconds: retry.maximumAge,
    },
  };
}

function seconds(time: Date): number {
  return time.getTime() / 1000;
}
