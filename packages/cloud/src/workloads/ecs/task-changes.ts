import { nameOf, placeOf } from "./arns.ts";
import { type EcsCore, nowOf } from "./ecs-core.ts";
import type { Container, StopCode, Task } from "./model.ts";

/** One change of a task: written, counted, and told as an event. Undefined when the task is no longer there. */
export function changeTask(core: EcsCore, taskArn: string, change: Partial<Task>): Task | undefined {
  const task = core.state.tasks.get(taskArn);
  if (!task) return undefined;
  const changed = core.state.tasks.set({ ...task, ...change, version: task.version + 1 });
  core.events.taskChanged(changed);
  return changed;
}

export type Stop = {
  readonly stopCode: StopCode;
  readonly reason: string;
  /** By container name, where one has a reason or an exit code of its own. */
  readonly containers?: Readonly<Record<string, Partial<Container>>>;
};

/** Ends a task as ECS does: told to stop, stopping, stopped. Nothing happens to one that has stopped. */
export function stopTask(core: EcsCore, taskArn: string, stop: Stop): Task | undefined {
  const task = core.state.tasks.get(taskArn);
  if (!task || task.desiredStatus === "STOPPED") return task;
  const now = nowOf(core);
  const { stopCode, reason } = stop;
  changeTask(core, taskArn, { desiredStatus: "STOPPED", stopCode, stoppedReason: reason, stoppingAt: now });
  const containers = task.containers.map((container) => stopped(container, stop));
  if (task.launchType === "FARGATE")
    changeTask(core, taskArn, { lastStatus: "DEPROVISIONING", containers, executionStoppedAt: now });
  const last = changeTask(core, taskArn, {
    lastStatus: "STOPPED",
    containers,
    executionStoppedAt: now,
    stoppedAt: now,
  });
  tellStopped(core, { ...task, stoppedReason: reason, stopCode });
  return last;
}

/** A container that ran ends as `docker stop` ends it. */
function stopped(container: Container, { containers = {} }: Stop): Container {
  const exitCode = container.lastStatus === "RUNNING" ? { exitCode: 0 } : {};
  return { ...container, ...exitCode, ...containers[container.name], lastStatus: "STOPPED" };
}

function tellStopped(core: EcsCore, task: Task): void {
  const failed = task.stopCode === "TaskFailedToStart";
  core.tell({
    level: failed ? "warn" : "info",
    source: "ecs",
    message: `task ${failed ? "failed to start" : "stopped"} ${nameOf(task.taskDefinitionArn)}`,
    fields: { ...fieldsOf(task), reason: task.stoppedReason },
  });
}

export function tellStarted(core: EcsCore, task: Task): void {
  const message = `task started ${nameOf(task.taskDefinitionArn)}`;
  core.tell({ level: "info", source: "ecs", message, fields: fieldsOf(task) });
}

function fieldsOf(task: Task): Readonly<Record<string, unknown>> {
  const { account, region } = placeOf(task.taskArn);
  return {
    registry: `${account}/${region}`,
    cluster: nameOf(task.clusterArn),
    group: task.group,
    images: task.containers.map(({ image }) => image.slice(image.indexOf("/") + 1)).join(","),
  };
}
