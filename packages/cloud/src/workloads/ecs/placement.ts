import { agentIsAtLeast } from "./agent-version.ts";
import { invalid } from "./ecs-call.ts";
import type { EcsCore } from "./ecs-core.ts";
import type { Cluster, ContainerInstance, LaunchType, TaskDefinition } from "./model.ts";

/** Where a task could not be placed: the `failures` of RunTask. */
export type PlacementFailure = { readonly arn?: string; readonly reason: string };

export type Placement = {
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  readonly launchType: LaunchType;
  /** ARN of a service: only an instance that has none of its tasks. */
  readonly without?: string;
};

/** An instance for one more task, the one with the fewest; or why there is none. Fargate needs no instance. */
export function placeTask(
  core: EcsCore,
  { cluster, definition, launchType, without }: Placement,
): { readonly instance?: ContainerInstance } | { readonly failures: readonly PlacementFailure[] } {
  if (launchType === "FARGATE") return {};
  const active = activeInstances(core, cluster).filter((one) => !runs(core, one, without));
  const failures = active.flatMap((instance) => {
    const reason = unfit(core, definition, instance);
    return reason === undefined ? [] : [{ arn: instance.containerInstanceArn, reason }];
  });
  const fit = active.filter((instance) => unfit(core, definition, instance) === undefined);
  const [instance] = fit.toSorted((a, b) => tasksOn(core, a) - tasksOn(core, b));
  return instance ? { instance } : { failures };
}

export function activeInstances(core: EcsCore, { clusterArn }: Cluster): readonly ContainerInstance[] {
  return [...core.state.instances.of(clusterArn)].filter(({ status }) => status === "ACTIVE");
}

/** @throws AwsError when a cluster has nowhere to run a task, as RunTask refuses it */
export function requireInstances(core: EcsCore, cluster: Cluster, launchType: LaunchType): void {
  if (launchType === "EC2" && activeInstances(core, cluster).length === 0)
    throw invalid("No Container Instances were found in your cluster.");
}

function unfit(core: EcsCore, definition: TaskDefinition, instance: ContainerInstance): string | undefined {
  if (!instance.agentConnected) return "AGENT";
  if (core.settings.show().ecsOldAgent !== "placement") return undefined;
  const ecr = definition.requiresAttributes.some(({ name }) => name.endsWith(".ecr-auth"));
  return ecr && !agentIsAtLeast(instance.versionInfo.agentVersion, "1.7.0") ? "ATTRIBUTE" : undefined;
}

function runs(core: EcsCore, instance: ContainerInstance, service: string | undefined): boolean {
  if (service === undefined) return false;
  return [...core.state.tasks.of(instance.clusterArn)].some(
    (task) =>
      task.internal.service === service &&
      task.containerInstanceArn === instance.containerInstanceArn &&
      task.desiredStatus === "RUNNING",
  );
}

/** Tasks on an instance that have not stopped. */
export function tasksOn(core: EcsCore, { clusterArn, containerInstanceArn }: ContainerInstance): number {
  return [...core.state.tasks.of(clusterArn)].filter(
    (task) => task.containerInstanceArn === containerInstanceArn && task.lastStatus !== "STOPPED",
  ).length;
}
