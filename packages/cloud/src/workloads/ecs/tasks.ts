import * as z from "zod";
import { arnIn, ecsArn, nameOf } from "./arns.ts";
import {
  activeCluster,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  invalid,
  permit,
  serviceNotFound,
} from "./ecs-call.ts";
import { Paging } from "./inputs.ts";
import type { Task } from "./model.ts";
import { pageOf } from "./paging.ts";
import { forgetStopped } from "./stopped-tasks.ts";
import { stopTask } from "./task-changes.ts";
import { taskView } from "./task-view.ts";

export const StopTask = z.object({
  cluster: z.string().optional(),
  task: z.string(),
  reason: z.string().max(1024).optional(),
});

export function stopTaskCall(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof StopTask>,
): object {
  const clusterArn = clusterArnOf(caller, input.cluster);
  const taskArn = arnIn(clusterArn, "task", input.task);
  permit(context, caller, { action: "ecs:StopTask", resource: taskArn, clusterArn });
  activeCluster(context, caller, clusterArn);
  const task = context.core.state.tasks.get(taskArn);
  if (!task || task.clusterArn !== clusterArn) throw invalid("The referenced task was not found.");
  context.launcher.cancel(taskArn);
  const reason = input.reason ?? "Task stopped by user";
  const stopped = stopTask(context.core, taskArn, { stopCode: "UserInitiated", reason }) ?? task;
  context.scheduler.wake(task.internal.service);
  return { task: taskView(stopped) };
}

export const DescribeTasks = z.object({
  cluster: z.string().optional(),
  tasks: z.array(z.string()).min(1, "Tasks cannot be empty.").max(100, "Tasks cannot be more than 100."),
  include: z.array(z.string()).default([]),
});

export function describeTasks(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof DescribeTasks>,
): object {
  forgetStopped(context.core);
  const clusterArn = clusterArnOf(caller, input.cluster);
  const arns = input.tasks.map((task) => arnIn(clusterArn, "task", task));
  for (const resource of arns) permit(context, caller, { action: "ecs:DescribeTasks", resource, clusterArn });
  activeCluster(context, caller, clusterArn);
  const found = arns.map((arn) => [arn, context.core.state.tasks.get(arn)] as const);
  const withTags = input.include.includes("TAGS");
  return {
    tasks: found.flatMap(([, task]) =>
      task?.clusterArn === clusterArn ? [taskView(task, { withTags })] : [],
    ),
    failures: found.flatMap(([arn, task]) =>
      task?.clusterArn === clusterArn ? [] : [{ arn, reason: "MISSING" }],
    ),
  };
}

export const ListTasks = z.object({
  cluster: z.string().optional(),
  containerInstance: z.string().optional(),
  family: z.string().optional(),
  serviceName: z.string().optional(),
  startedBy: z.string().optional(),
  desiredStatus: z.enum(["RUNNING", "PENDING", "STOPPED"]).default("RUNNING"),
  launchType: z.enum(["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]).optional(),
  ...Paging,
});
type ListTasksInput = z.infer<typeof ListTasks>;

/** Those that are to run; stopped ones, for an hour, when they are asked for. */
export function listTasks(context: EcsContext, caller: EcsCaller, input: ListTasksInput): object {
  forgetStopped(context.core);
  const clusterArn = clusterArnOf(caller, input.cluster);
  const instance = arnIn(clusterArn, "container-instance", input.containerInstance ?? "*");
  permit(context, caller, { action: "ecs:ListTasks", resource: instance, clusterArn });
  activeCluster(context, caller, clusterArn);
  const service =
    input.serviceName && ecsArn(caller, `service/${nameOf(clusterArn)}/${nameOf(input.serviceName)}`);
  if (service && !context.core.state.services.get(service)) throw serviceNotFound();
  const wanted = (task: Task) => isListed(task, input, { instance, service });
  const { items, ...next } = pageOf(context.core.state.tasks, clusterArn, { request: input, wanted });
  return { taskArns: items.map(({ taskArn }) => taskArn), ...next };
}

function isListed(
  task: Task,
  { containerInstance, family, startedBy, desiredStatus, launchType }: ListTasksInput,
  { instance, service }: { readonly instance: string; readonly service: string | undefined },
): boolean {
  if (task.desiredStatus !== desiredStatus) return false;
  if (containerInstance !== undefined && task.containerInstanceArn !== instance) return false;
  if (family !== undefined && nameOf(task.taskDefinitionArn).split(":")[0] !== family) return false;
  if (startedBy !== undefined && task.startedBy !== startedBy) return false;
  if (launchType !== undefined && task.launchType !== launchType) return false;
  return !service || task.internal.service === service;
}
