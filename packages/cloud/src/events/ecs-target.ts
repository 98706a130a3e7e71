import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import { AwsError } from "../http/aws-service.ts";

const text = z.string().min(1).max(1600);

/** Which tasks a target starts: as EventBridge and Scheduler name the fields, which differ from those of RunTask. */
export const EcsParameters = z.object({
  TaskDefinitionArn: text,
  TaskCount: z.number().int().min(1).max(10).optional(),
  LaunchType: z.enum(["EC2", "FARGATE", "EXTERNAL"]).optional(),
  NetworkConfiguration: z
    .object({
      awsvpcConfiguration: z.object({
        Subnets: z.array(z.string()),
        SecurityGroups: z.array(z.string()).optional(),
        AssignPublicIp: z.enum(["ENABLED", "DISABLED"]).optional(),
      }),
    })
    .optional(),
  PlatformVersion: z.string().optional(),
  Group: z.string().optional(),
  CapacityProviderStrategy: z
    .array(
      z.object({
        capacityProvider: z.string(),
        weight: z.number().int().optional(),
        base: z.number().int().optional(),
      }),
    )
    .optional(),
  EnableECSManagedTags: z.boolean().optional(),
  EnableExecuteCommand: z.boolean().optional(),
  PropagateTags: z.literal("TASK_DEFINITION").optional(),
  ReferenceId: z.string().optional(),
});
export type EcsParameters = z.infer<typeof EcsParameters>;

export const clusterArn = /^arn:aws:ecs:([a-z0-9-]+):(\d{12}):cluster\/[\w-]{1,255}$/;

/** RunTask in one account and Region, as a caller that is judged like any other. @throws AwsError */
export type RunTask = (at: TaskPlace, input: object) => unknown;
export type TaskPlace = { readonly caller: Caller; readonly account: string; readonly region: string };

export type TaskStart = {
  readonly caller: Caller;
  readonly cluster: string;
  readonly parameters: EcsParameters;
  /** What the target was given: JSON with `containerOverrides` and the like changes what is started. */
  readonly input: string;
  readonly startedBy: string;
};

/** @throws AwsError also where ECS answers that there was no place for a task */
export function startTasks(
  runTask: RunTask,
  { caller, cluster, parameters, input, startedBy }: TaskStart,
): void {
  const [, region = "", account = ""] = clusterArn.exec(cluster) ?? [];
  const { NetworkConfiguration: network } = parameters;
  const { Subnets, SecurityGroups, AssignPublicIp } = network?.awsvpcConfiguration ?? {};
  const result = runTask(
    { caller, account, region },
    {
      cluster,
      startedBy: startedBy.slice(0, 128),
      taskDefinition: parameters.TaskDefinitionArn,
      count: parameters.TaskCount ?? 1,
      launchType: parameters.LaunchType,
      platformVersion: parameters.PlatformVersion,
      group: parameters.Group,
      capacityProviderStrategy: parameters.CapacityProviderStrategy,
      overrides: overridesOf(input),
      ...(network && {
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: Subnets,
            securityGroups: SecurityGroups,
            assignPublicIp: AssignPublicIp,
          },
        },
      }),
    },
  );
  checkStarted(result);
}

const Started = z.object({
  tasks: z.array(z.unknown()).default([]),
  failures: z.array(z.object({ reason: z.string().optional() })).default([]),
});

/** A place may be free later: it is tried again. */
export function checkStarted(result: unknown): void {
  const { tasks, failures } = Started.parse(result);
  const [failure] = failures;
  if (tasks.length === 0 && failure)
    throw new AwsError("ServerException", `No task was started: ${failure.reason ?? "no place"}`, 500);
}

/** RunTask's own names (User Guide, "Amazon ECS task targets"). */
const Overrides = z.object({
  containerOverrides: z.array(z.unknown()).optional(),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  taskRoleArn: z.string().optional(),
  executionRoleArn: z.string().optional(),
});

function overridesOf(input: string): object | undefined {
  try {
    const { success, data } = Overrides.safeParse(JSON.parse(input));
    return success && Object.values(data).some((value) => value !== undefined) ? data : undefined;
  } catch {
    return undefined;
  }
}
