import * as z from "zod";
import { arnIn } from "./arns.ts";
import { activeCluster, clusterArnOf, type EcsCaller, type EcsContext, invalid, permit } from "./ecs-call.ts";
import { Paging } from "./inputs.ts";
import { instanceView } from "./instance-view.ts";
import type { ContainerInstance } from "./model.ts";
import { pageOf } from "./paging.ts";
import { stopTask } from "./task-changes.ts";

const KIND = "container-instance";

export const ListContainerInstances = z.object({
  cluster: z.string().optional(),
  status: z.enum(["ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED"]).optional(),
  ...Paging,
});

export function listContainerInstances(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof ListContainerInstances>,
): object {
  const clusterArn = clusterArnOf(caller, input.cluster);
  permit(context, caller, { action: "ecs:ListContainerInstances", resource: clusterArn });
  activeCluster(context, caller, clusterArn);
  const wanted = ({ status }: ContainerInstance) =>
    input.status === undefined ? status !== "INACTIVE" : status === input.status;
  const { items, ...next } = pageOf(context.core.state.instances, clusterArn, { request: input, wanted });
  return { containerInstanceArns: items.map(({ containerInstanceArn }) => containerInstanceArn), ...next };
}

const Instances = z.array(z.string()).min(1, "Container instance cannot be empty.").max(100);

export const DescribeContainerInstances = z.object({
  cluster: z.string().optional(),
  containerInstances: Instances,
  include: z.array(z.string()).default([]),
});

export function describeContainerInstances(
  context: EcsContext,
  caller: EcsCaller,
  { cluster, containerInstances, include }: z.infer<typeof DescribeContainerInstances>,
): object {
  const found = named(context, caller, {
    cluster,
    containerInstances,
    action: "ecs:DescribeContainerInstances",
  });
  const withTags = include.includes("TAGS");
  return {
    containerInstances: found.instances.map((one) => instanceView(context.core, one, { withTags })),
    failures: found.failures,
  };
}

export const UpdateContainerInstancesState = z.object({
  cluster: z.string().optional(),
  containerInstances: Instances.max(10),
  status: z.enum(["ACTIVE", "DRAINING"]),
});

/** Services move their tasks away from an instance that is drained; others stay until they end. */
export function updateContainerInstancesState(
  context: EcsContext,
  caller: EcsCaller,
  { status, ...input }: z.infer<typeof UpdateContainerInstancesState>,
): object {
  const { core, scheduler } = context;
  const found = named(context, caller, { ...input, action: "ecs:UpdateContainerInstancesState" });
  const changed = found.instances.map((one) =>
    core.state.instances.set({ ...one, status, version: one.version + 1 }),
  );
  for (const clusterArn of new Set(changed.map((one) => one.clusterArn))) scheduler.wakeCluster(clusterArn);
  return { containerInstances: changed.map((one) => instanceView(core, one)), failures: found.failures };
}

export const DeregisterContainerInstance = z.object({
  cluster: z.string().optional(),
  containerInstance: z.string(),
  force: z.boolean().default(false),
});

/** With `force` what runs on it ends, as when the instance is terminated. */
export function deregisterContainerInstance(
  context: EcsContext,
  caller: EcsCaller,
  { cluster, containerInstance, force }: z.infer<typeof DeregisterContainerInstance>,
): object {
  const { core, launcher, scheduler } = context;
  const clusterArn = clusterArnOf(caller, cluster);
  permit(context, caller, { action: "ecs:DeregisterContainerInstance", resource: clusterArn });
  activeCluster(context, caller, clusterArn);
  const instance = core.state.instances.get(arnIn(clusterArn, KIND, containerInstance));
  if (!instance || instance.status === "INACTIVE") throw invalid("Referenced container instance not found.");
  const tasks = [...core.state.tasks.of(clusterArn)].filter(
    (task) => task.containerInstanceArn === instance.containerInstanceArn && task.desiredStatus === "RUNNING",
  );
  if (tasks.length > 0 && !force) throw invalid("Found running tasks on the instance.");
  const gone = core.state.instances.set({ ...instance, status: "INACTIVE", agentConnected: false });
  for (const { taskArn } of tasks) {
    launcher.cancel(taskArn);
    const reason = `Host EC2 (instance ${instance.ec2InstanceId}) terminated.`;
    stopTask(core, taskArn, { stopCode: "TerminationNotice", reason });
  }
  scheduler.wakeCluster(clusterArn);
  return { containerInstance: instanceView(core, gone) };
}

/** Those of a request that there are, each permitted; what is missing is a failure. */
function named(
  context: EcsContext,
  caller: EcsCaller,
  input: {
    readonly cluster?: string | undefined;
    readonly containerInstances: readonly string[];
    readonly action: string;
  },
): { readonly instances: readonly ContainerInstance[]; readonly failures: readonly object[] } {
  const { action } = input;
  const clusterArn = clusterArnOf(caller, input.cluster);
  const arns = input.containerInstances.map((name) => arnIn(clusterArn, KIND, name));
  for (const resource of arns) permit(context, caller, { action, resource, clusterArn });
  activeCluster(context, caller, clusterArn);
  const found = arns.map((arn) => [arn, context.core.state.instances.get(arn)] as const);
  return {
    instances: found.flatMap(([, instance]) => (instance ? [instance] : [])),
    failures: found.flatMap(([arn, instance]) => (instance ? [] : [{ arn, reason: "MISSING" }])),
  };
}
