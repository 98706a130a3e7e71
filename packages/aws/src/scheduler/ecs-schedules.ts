import { GetScheduleCommand, ListSchedulesCommand, type SchedulerClient } from "@aws-sdk/client-scheduler";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import { isCluster } from "../ecs/arns.ts";
import type { TaskStart } from "../eventbridge/ecs-rules.ts";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";

const SCHEDULES = 100;
/** A schedule may call RunTask as it may call anything, with the call's input as JSON. */
const RUN_TASK = /^arn:[^:]+:scheduler:::aws-sdk:ecs:runTask$/;

const text = z.string();
const maybeText = z.optional(text);

const LISTED = {
  action: "scheduler:ListSchedules",
  schema: z.object({
    Schedules: z.array(z.object({ Name: text, GroupName: text, Target: z.object({ Arn: text }) })),
    NextToken: maybeText,
  }),
} as const;

const FOUND = {
  action: "scheduler:GetSchedule",
  schema: z.object({
    Target: z.object({
      Arn: text,
      Input: maybeText,
      EcsParameters: z.optional(z.object({ TaskDefinitionArn: text })),
    }),
  }),
  gone: "ResourceNotFoundException",
} as const;
type Target = z.infer<typeof FOUND.schema>["Target"];

/** What a page of the schedules of all groups starts; only those are looked at that start tasks. */
export async function listTaskSchedules(
  clients: ClientsAt<SchedulerClient>,
  at: Registry,
  token: string | undefined,
): Promise<{ readonly starts: readonly TaskStart[]; readonly next: string | undefined }> {
  const command = new ListSchedulesCommand({ MaxResults: SCHEDULES, NextToken: token });
  const { Schedules, NextToken } = await askUsage(at, LISTED, () => clients(at).send(command));
  const starts: TaskStart[] = [];
  for (const { Name, GroupName, Target } of Schedules) {
    if (!isCluster(Target.Arn) && !RUN_TASK.test(Target.Arn)) continue;
    const get = new GetScheduleCommand({ Name, GroupName });
    const found = await askIfThere(at, FOUND, () => clients(at).send(get));
    const task = found && taskOf(found.Target);
    if (task) starts.push({ by: `schedule/${GroupName}/${Name}`, ...task });
  }
  return { starts, next: NextToken };
}

const RunTaskInput = z.object({ TaskDefinition: text, Cluster: maybeText });

function taskOf({ Arn, Input = "", EcsParameters }: Target): Omit<TaskStart, "by"> | undefined {
  if (EcsParameters) return { cluster: Arn, definition: EcsParameters.TaskDefinitionArn };
  // An input that is no call of RunTask starts nothing on AWS either.
  const input = RunTaskInput.safeParse(jsonOf(Input));
  if (!input.success) return undefined;
  return { cluster: input.data.Cluster ?? "default", definition: input.data.TaskDefinition };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
