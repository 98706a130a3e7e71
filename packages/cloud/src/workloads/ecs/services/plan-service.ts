import type { Service, Task } from "../model.ts";

/** What a service's scheduler does next. */
export type ServicePlan = {
  /** Tasks of the PRIMARY deployment to start. */
  readonly start: number;
  readonly stop: readonly Task[];
  /** The PRIMARY deployment has all its tasks, and nothing else of the service runs. */
  readonly steady: boolean;
};

/**
 * A rolling update, ECS Developer Guide, "Deploy Amazon ECS services by replacing tasks": never more than the maximum percent
 * of the desired count, and what runs is not stopped below the minimum healthy percent to make room.
 *
 * `tasks`: those of the service that are to run. `leaving`: on instances that are being drained, replaced like those of an
 * older deployment.
 */
export function planService(
  service: Pick<Service, "deployments" | "deploymentConfiguration">,
  desired: number,
  { tasks, leaving }: { readonly tasks: readonly Task[]; readonly leaving: (task: Task) => boolean },
): ServicePlan {
  const [primary] = service.deployments;
  const isCurrent = (task: Task) => task.internal.deployment === primary?.id && !leaving(task);
  const current = tasks.filter(isCurrent);
  const old = tasks.filter((task) => !isCurrent(task));
  const missing = primary?.rolloutState === "FAILED" ? 0 : Math.max(0, desired - current.length);
  const room = Math.max(0, most(service, desired) - tasks.length);
  const stop = [
    ...surplus(current, desired),
    ...replaced(old, { running: runningOf(tasks), desired, least: least(service, desired), room, missing }),
  ];
  const steady = old.length === 0 && current.length === desired && runningOf(current) === desired;
  return { start: Math.min(missing, room), stop, steady };
}

function most(
  { deploymentConfiguration }: Pick<Service, "deploymentConfiguration">,
  desired: number,
): number {
  return Math.max(desired, Math.floor((desired * deploymentConfiguration.maximumPercent) / 100));
}

function least(
  { deploymentConfiguration }: Pick<Service, "deploymentConfiguration">,
  desired: number,
): number {
  return Math.ceil((desired * deploymentConfiguration.minimumHealthyPercent) / 100);
}

/** More than are wanted: those that do not run yet go first, then the youngest. */
function surplus(current: readonly Task[], desired: number): readonly Task[] {
  const waiting = current.filter((task) => task.lastStatus !== "RUNNING");
  const running = current.filter((task) => task.lastStatus === "RUNNING").toReversed();
  return [...waiting, ...running].slice(0, Math.max(0, current.length - desired));
}

type Room = {
  readonly running: number;
  readonly desired: number;
  readonly least: number;
  readonly room: number;
  readonly missing: number;
};

/** Old ones go as new ones run; where there is no room for new ones, some go before, down to the healthy minimum. */
function replaced(old: readonly Task[], { running, desired, least, room, missing }: Room): readonly Task[] {
  const waiting = old.filter((task) => task.lastStatus !== "RUNNING");
  const spare = Math.max(0, running - desired);
  const forRoom = missing > room ? Math.min(missing - room, Math.max(0, running - least)) : 0;
  const ran = old.filter((task) => task.lastStatus === "RUNNING");
  return [...waiting, ...ran.slice(0, Math.max(spare, forRoom))];
}

function runningOf(tasks: readonly Task[]): number {
  return tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
}
