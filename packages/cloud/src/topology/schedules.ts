import * as z from "zod";
import { defaultRetry } from "../events/rule.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { parseScheduleExpression, ScheduleExpressionError } from "../schedules/schedule-expression.ts";
import { readInputs } from "./read-inputs.ts";
import type { Topology } from "./topology.ts";
import { TopologyError } from "./topology-error.ts";

const ScheduleInputs = z.object({
  name: z.string().optional(),
  scheduleExpression: z.string(),
  scheduleExpressionTimezone: z.string().default("UTC"),
  flexibleTimeWindow: z.object({ mode: z.literal("OFF", "flexible time windows are not offered here") }),
  state: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  target: z.strictObject({
    arn: z.string().startsWith("arn:aws:sqs:", "a schedule's target is a queue"),
    roleArn: z.string(),
    input: z.json().optional(),
    sqsParameters: z.strictObject({ messageGroupId: z.string().optional() }).optional(),
    deadLetterConfig: z.strictObject({ arn: z.string() }).optional(),
    retryPolicy: z
      .strictObject({
        maximumRetryAttempts: z.number().int().min(0).max(185).default(defaultRetry.maximumAttempts),
        maximumEventAgeInSeconds: z.number().int().min(60).max(86_400).default(defaultRetry.maximumAge),
      })
      .optional(),
  }),
});

/** Every schedule; an expression that Scheduler would refuse stops the start. */
export function schedulesOf(topology: Topology): readonly Schedule[] {
  const read = readInputs(topology, "aws:scheduler/schedule:Schedule", ScheduleInputs);
  return read.map(({ inputs, logicalName, account, region, stack }) => {
    const name = inputs.name ?? logicalName;
    const { target } = inputs;
    const { maximumRetryAttempts, maximumEventAgeInSeconds } = target.retryPolicy ?? {};
    return {
      name,
      logicalName,
      arn: `arn:aws:scheduler:${region}:${account}:schedule/default/${name}`,
      account,
      region,
      enabled: inputs.state === "ENABLED",
      expression: expressionOf(inputs, `${stack}: schedule ${name}`),
      written: { expression: inputs.scheduleExpression, timezone: inputs.scheduleExpressionTimezone },
      target: { arn: target.arn, messageGroupId: target.sqsParameters?.messageGroupId },
      roleArn: target.roleArn,
      input: typeof target.input === "string" ? target.input : JSON.stringify(target.input ?? {}),
      deadLetter: target.deadLetterConfig?.arn,
      retry: {
        maximumAttempts: maximumRetryAttempts ?? defaultRetry.maximumAttempts,
        maximumAge: maximumEventAgeInSeconds ?? defaultRetry.maximumAge,
      },
    };
  });
}

function expressionOf(
  { scheduleExpression, scheduleExpressionTimezone }: z.infer<typeof ScheduleInputs>,
  where: string,
): Schedule["expression"] {
  try {
    return parseScheduleExpression(scheduleExpression, scheduleExpressionTimezone);
  } catch (error) {
    if (error instanceof ScheduleExpressionError) throw new TopologyError([`${where}: ${error.message}`]);
    throw error;
  }
}
