import * as z from "zod";
import { clusterArn, EcsParameters } from "../events/ecs-target.ts";
import { defaultRetry } from "../events/rule.ts";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import { RUN_TASK } from "./run-target.ts";
import type { Schedule } from "./schedule.ts";
import { parseSchedulerExpression, ScheduleExpressionError } from "./schedule-expression.ts";

const Target = z.object({
  Arn: z.string().min(1).max(1600),
  RoleArn: z.string().min(1).max(1600),
  Input: z.string().min(1).optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: z.number().int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: z.number().int().min(60).max(86_400).optional(),
    })
    .optional(),
  EcsParameters: EcsParameters.optional(),
  SqsParameters: z.object({ MessageGroupId: z.string().optional() }).optional(),
});

const time = z.number().transform((seconds) => new Date(seconds * 1000));

/** The body of CreateSchedule and UpdateSchedule. */
export const ScheduleInput = z.object({
  GroupName: z.string().default("default"),
  ScheduleExpression: z.string().min(1).max(256),
  ScheduleExpressionTimezone: z.string().min(1).max(50).default("UTC"),
  FlexibleTimeWindow: z.object({
    Mode: z.literal("OFF", { error: "flexible time windows are not offered by this cloud" }),
  }),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  Description: z.string().max(512).optional(),
  StartDate: time.optional(),
  EndDate: time.optional(),
  ActionAfterCompletion: z.enum(["NONE", "DELETE"]).default("NONE"),
  Target,
});
export type ScheduleInput = z.infer<typeof ScheduleInput>;

export type ScheduleName = Pick<AwsRequest, "account" | "region"> & { readonly name: string };

export function scheduleArn({ account, region, name }: ScheduleName): string {
  return `arn:aws:scheduler:${region}:${account}:schedule/default/${name}`;
}

/** @throws AwsError ValidationException */
export function scheduleOf(input: ScheduleInput, of: ScheduleName, made: Schedule["made"]): Schedule {
  const { Target: target, ScheduleExpression: expression, ScheduleExpressionTimezone: timezone } = input;
  checkTarget(of, target);
  return {
    ...of,
    logicalName: of.name,
    arn: scheduleArn(of),
    enabled: input.State === "ENABLED",
    expression: expressionOf(expression, timezone),
    written: { expression, timezone },
    window: { start: input.StartDate, end: input.EndDate },
    deletedAfter: input.ActionAfterCompletion === "DELETE",
    description: input.Description,
    made,
    target: {
      arn: target.Arn,
      messageGroupId: target.SqsParameters?.MessageGroupId,
      ecs: target.EcsParameters,
    },
    roleArn: target.RoleArn,
    input: target.Input ?? "{}",
    deadLetter: target.DeadLetterConfig?.Arn,
    retry: {
      maximumAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? defaultRetry.maximumAttempts,
      maximumAge: target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultRetry.maximumAge,
    },
  };
}

function checkTarget(
  { account, region }: ScheduleName,
  { Arn, EcsParameters: ecs }: ScheduleInput["Target"],
): void {
  const [, clusterRegion, clusterAccount] = clusterArn.exec(Arn) ?? [];
  if (clusterRegion === undefined) {
    if (!Arn.startsWith("arn:aws:sqs:") && Arn !== RUN_TASK)
      throw invalid(`This cloud's schedules send to queues and start tasks: ${Arn} is neither.`);
    if (ecs) throw invalid(`EcsParameters is not supported for target ${Arn}.`);
    return;
  }
  if (!ecs) throw invalid("EcsParameters must be specified for an Amazon ECS target.");
  if (clusterRegion !== region || clusterAccount !== account)
    throw invalid(`The cluster ${Arn} is of another account or Region than the schedule.`);
}

function expressionOf(expression: string, timezone: string): Schedule["expression"] {
  try {
    return parseSchedulerExpression(expression, timezone);
  } catch (error) {
    if (error instanceof ScheduleExpressionError)
      throw invalid(`Invalid Schedule Expression ${expression}. ${error.message}`);
    throw error;
  }
}

export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
