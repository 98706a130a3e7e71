import * as z from "zod";
import { AwsError } from "../../http/aws-service.ts";
import { ecsArn } from "./arns.ts";
import {
  activeCluster,
  clusterArnOf,
  type EcsCaller,
  type EcsContext,
  invalid,
  permit,
  permitTags,
} from "./ecs-call.ts";
import { Paging, Strategy, Tags } from "./inputs.ts";
import type { Cluster } from "./model.ts";
import { pageOf } from "./paging.ts";

const NAME = /^[a-zA-Z0-9_-]{1,255}$/;

export const CreateCluster = z.object({
  clusterName: z.string().default("default"),
  settings: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  capacityProviders: z.array(z.string()).default([]),
  defaultCapacityProviderStrategy: Strategy,
  tags: Tags,
});

/** A cluster that exists is answered as it is. */
export function createCluster(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof CreateCluster>,
): object {
  permit(context, caller, { action: "ecs:CreateCluster", resource: "*" });
  const { clusterName, settings, capacityProviders, defaultCapacityProviderStrategy = [], tags } = input;
  if (!NAME.test(clusterName)) throw invalid("Cluster name should match regex: ^[a-zA-Z0-9_-]{1,255}$");
  const { account, region } = caller;
  const clusterArn = ecsArn(caller, `cluster/${clusterName}`);
  permitTags(context, caller, { by: "CreateCluster", resource: clusterArn, tags });
  const existing = context.core.state.clusters.get(clusterArn);
  if (existing?.status === "ACTIVE") return { cluster: clusterView(context, existing) };
  const cluster = context.core.state.clusters.set({
    ...{ account, region, clusterArn, clusterName, status: "ACTIVE" },
    ...{ settings, capacityProviders, defaultCapacityProviderStrategy, tags },
  });
  return { cluster: clusterView(context, cluster) };
}

export const ClusterInput = z.object({ cluster: z.string() });

export function deleteCluster(
  context: EcsContext,
  caller: EcsCaller,
  input: z.infer<typeof ClusterInput>,
): object {
  const clusterArn = clusterArnOf(caller, input.cluster);
  permit(context, caller, { action: "ecs:DeleteCluster", resource: clusterArn });
  const cluster = activeCluster(context, caller, clusterArn);
  const { instances, services, tasks } = countsOf(context, cluster);
  if (instances > 0) throw inUse("ContainerInstances", "Container Instances are active or draining");
  if (services > 0) throw inUse("Services", "Services are active");
  if (tasks > 0) throw inUse("Tasks", "Tasks are active");
  const deleted = context.core.state.clusters.set({ ...cluster, status: "INACTIVE" });
  return { cluster: clusterView(context, deleted) };
}

function inUse(what: string, reason: string): AwsError {
  return new AwsError(`ClusterContains${what}Exception`, `The Cluster cannot be deleted while ${reason}.`);
}

export const DescribeClusters = z.object({
  clusters: z.array(z.string()).max(100).default(["default"]),
  include: z.array(z.string()).default([]),
});

export function describeClusters(
  context: EcsContext,
  caller: EcsCaller,
  { clusters, include }: z.infer<typeof DescribeClusters>,
): object {
  const found: object[] = [];
  const failures: object[] = [];
  for (const arn of clusters.map((name) => clusterArnOf(caller, name))) {
    permit(context, caller, { action: "ecs:DescribeClusters", resource: arn });
    const cluster = context.core.state.clusters.get(arn);
    const tags = include.includes("TAGS") ? { tags: cluster?.tags } : {};
    if (cluster) found.push({ ...clusterView(context, cluster), ...tags });
    else failures.push({ arn, reason: "MISSING" });
  }
  return { clusters: found, failures };
}

export const ListClusters = z.object(Paging);

export function listClusters(
  context: EcsContext,
  caller: EcsCaller,
  request: z.infer<typeof ListClusters>,
): object {
  permit(context, caller, { action: "ecs:ListClusters", resource: "*" });
  const wanted = ({ status }: Cluster) => status === "ACTIVE";
  const group = `${caller.account}/${caller.region}`;
  const { items, ...next } = pageOf(context.core.state.clusters, group, { request, wanted });
  return { clusterArns: items.map(({ clusterArn }) => clusterArn), ...next };
}

function clusterView(context: EcsContext, cluster: Cluster): object {
  const { account, region, tags, ...shown } = cluster;
  const counts = countsOf(context, cluster);
  return {
    ...shown,
    registeredContainerInstancesCount: counts.instances,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.tasks - counts.running,
    activeServicesCount: counts.services,
    statistics: [],
    tags: [],
  };
}

function countsOf({ core }: EcsContext, { clusterArn }: Cluster) {
  const tasks = [...core.state.tasks.of(clusterArn)].filter(({ lastStatus }) => lastStatus !== "STOPPED");
  return {
    tasks: tasks.length,
    running: tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length,
    instances: [...core.state.instances.of(clusterArn)].filter(({ status }) => status !== "INACTIVE").length,
    services: [...core.state.services.of(clusterArn)].filter(({ status }) => status === "ACTIVE").length,
  };
}
