import { nameOf } from "../arns.ts";
import { type EcsCore, nowOf } from "../ecs-core.ts";
import type { Cluster, Deployment, Service, Task, TaskDefinition } from "../model.ts";
import { createTask } from "../new-task.ts";
import { activeInstances, placeTask } from "../placement.ts";
import { planService } from "./plan-service.ts";
import { tellAction, tellDeployment, withDeployment, withEvent } from "./service-changes.ts";

export type Reconciled = { readonly started: readonly Task[]; readonly stopped: readonly Task[] };

const NOTHING: Reconciled = { started: [], stopped: [] };

/** Looks at a service once: writes the tasks down that are to be started, and says which are to be stopped. */
export function reconcileService(
  core: EcsCore,
  serviceArn: string,
  { mayStart }: { readonly mayStart: boolean },
): Reconciled {
  const service = core.state.services.get(serviceArn);
  const cluster = service && core.state.clusters.get(service.clusterArn);
  if (!service || !cluster || service.status === "INACTIVE") return NOTHING;
  const tasks = tasksOf(core, service);
  if (service.status === "DRAINING") return drain(core, service, tasks);
  const desired = desiredOf(core, service, cluster);
  const plan = planService(service, desired, { tasks, leaving: (task) => isLeaving(core, task) });
  const started = mayStart ? startTasks(core, { service, cluster, count: plan.start }) : [];
  noteMoves(core, serviceArn, { started, stopped: plan.stop });
  if (plan.steady) complete(core, serviceArn);
  return { started, stopped: plan.stop };
}

/** Tasks of a service that are to run. */
export function tasksOf({ state }: EcsCore, { clusterArn, serviceArn }: Service): readonly Task[] {
  return [...state.tasks.of(clusterArn)].filter(
    ({ internal, desiredStatus }) => internal.service === serviceArn && desiredStatus === "RUNNING",
  );
}

function desiredOf(core: EcsCore, service: Service, cluster: Cluster): number {
  return service.schedulingStrategy === "DAEMON"
    ? activeInstances(core, cluster).length
    : service.desiredCount;
}

/** On an instance that is drained, or gone: its tasks are replaced elsewhere. */
function isLeaving({ state }: EcsCore, { containerInstanceArn }: Task): boolean {
  return containerInstanceArn !== undefined && state.instances.get(containerInstanceArn)?.status !== "ACTIVE";
}

type Start = { readonly service: Service; readonly cluster: Cluster; readonly count: number };

function startTasks(core: EcsCore, { service, cluster, count }: Start): readonly Task[] {
  const [deployment] = service.deployments;
  const definition = deployment && core.state.taskDefinitions.get(deployment.taskDefinition);
  if (!deployment || !definition) return [];
  const started: Task[] = [];
  for (let n = 0; n < count; n++) {
    const task = startOne(core, { service, cluster, deployment, definition });
    if (!task) break;
    started.push(task);
  }
  return started;
}

type One = Omit<Start, "count"> & { readonly deployment: Deployment; readonly definition: TaskDefinition };

function startOne(core: EcsCore, { service, cluster, deployment, definition }: One): Task | undefined {
  const { launchType } = deployment;
  const spread = service.schedulingStrategy === "DAEMON" ? { without: service.serviceArn } : {};
  const place = placeTask(core, { cluster, definition, launchType, ...spread });
  if ("failures" in place) {
    unplaceable(core, service);
    return undefined;
  }
  return createTask(core, {
    ...{ cluster, definition, launchType, instance: place.instance },
    ...{ group: `service:${service.serviceName}`, startedBy: deployment.id },
    ...{ service: service.serviceArn, deployment: deployment.id },
    tags: service.internal.propagateTags === "SERVICE" ? service.internal.tags : [],
    platformVersion: deployment.platformVersion === "LATEST" ? undefined : deployment.platformVersion,
    capacityProviderName: deployment.capacityProviderStrategy?.[0]?.capacityProvider,
  });
}

/** Said once, until something else is said: it is tried again whenever an instance comes. */
function unplaceable(core: EcsCore, service: Service): void {
  const message = "was unable to place a task because no container instance met all of its requirements.";
  if (service.events[0]?.message.endsWith(message)) return;
  core.state.services.set(withEvent(core, service, message));
  tellAction(core, service, "SERVICE_TASK_PLACEMENT_FAILURE");
}

function noteMoves(core: EcsCore, serviceArn: string, { started, stopped }: Reconciled): void {
  const ids = (tasks: readonly Task[]) => tasks.map(({ taskArn }) => `(task ${nameOf(taskArn)})`).join(" ");
  const note = (message: string) => {
    const service = core.state.services.get(serviceArn);
    if (service) core.state.services.set(withEvent(core, service, message));
  };
  if (started.length > 0) note(`has started ${started.length} tasks: ${ids(started)}.`);
  if (stopped.length > 0) note(`has stopped ${stopped.length} running tasks: ${ids(stopped)}.`);
}

/** The PRIMARY deployment is done: older ones are gone, and what it runs is what a rollback goes back to. */
function complete(core: EcsCore, serviceArn: string): void {
  const service = core.state.services.get(serviceArn);
  const primary = service?.deployments[0];
  if (!service || !primary || (primary.rolloutState !== "IN_PROGRESS" && service.deployments.length === 1))
    return;
  if (primary.rolloutState !== "IN_PROGRESS") {
    core.state.services.set({ ...service, deployments: [primary] });
    return;
  }
  const { id, taskDefinition, internal } = primary;
  const reason = `ECS deployment ${id} completed.`;
  const alone = { ...service, deployments: [primary] };
  const done = withDeployment(core, alone, { id, rolloutState: "COMPLETED", rolloutStateReason: reason });
  const completed = { deploymentId: id, taskDefinition, digests: internal.digests };
  const told = withEvent(
    core,
    withEvent(core, done, `(deployment ${id}) deployment completed.`),
    "has reached a steady state.",
  );
  core.state.services.set({ ...told, internal: { ...told.internal, completed } });
  tellDeployment(core, told, { id, state: "COMPLETED", reason });
  tellAction(core, told, "SERVICE_STEADY_STATE");
}

/** A deleted service: its tasks end, then it is INACTIVE. */
function drain(core: EcsCore, service: Service, tasks: readonly Task[]): Reconciled {
  if (tasks.length > 0) return { started: [], stopped: tasks };
  const internal = { ...service.internal, inactiveAt: nowOf(core) };
  core.state.services.set({ ...service, status: "INACTIVE", deployments: [], internal });
  return NOTHING;
}
