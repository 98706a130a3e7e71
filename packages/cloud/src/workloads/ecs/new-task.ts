import { ecsArn, nameOf } from "./arns.ts";
import { type EcsCore, nowOf } from "./ecs-core.ts";
import type {
  Cluster,
  Container,
  ContainerDefinition,
  ContainerInstance,
  LaunchType,
  Tag,
  Task,
  TaskDefinition,
} from "./model.ts";

export type TaskPlan = {
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  readonly launchType: LaunchType;
  readonly instance?: ContainerInstance | undefined;
  readonly group: string;
  readonly startedBy?: string | undefined;
  readonly overrides?: { readonly executionRoleArn?: string | undefined; readonly [field: string]: unknown };
  readonly tags?: readonly Tag[];
  readonly platformVersion?: string | undefined;
  readonly capacityProviderName?: string | undefined;
  readonly service?: string;
  readonly deployment?: string;
};

/** Writes a task down and tells of it. It is not started yet. */
export function createTask(core: EcsCore, plan: TaskPlan): Task {
  const task = core.state.tasks.set(newTask(core, plan));
  core.events.taskChanged(task);
  return task;
}

function newTask(core: EcsCore, plan: TaskPlan): Task {
  const { cluster, definition, launchType, instance, overrides = {}, tags = [] } = plan;
  const id = core.newId().replaceAll("-", "");
  const taskArn = ecsArn(cluster, `task/${cluster.clusterName}/${id}`);
  const { cpu, memory } = definition;
  return {
    taskArn,
    clusterArn: cluster.clusterArn,
    taskDefinitionArn: definition.taskDefinitionArn,
    containerInstanceArn: instance?.containerInstanceArn,
    ...{ group: plan.group, startedBy: plan.startedBy, launchType, cpu, memory },
    capacityProviderName: plan.capacityProviderName,
    ...(launchType === "FARGATE" && {
      platformVersion: plan.platformVersion ?? "1.4.0",
      platformFamily: definition.runtimePlatform?.operatingSystemFamily?.startsWith("WINDOWS")
        ? "Windows"
        : "Linux",
    }),
    availabilityZone: `${cluster.region}a`,
    lastStatus: launchType === "FARGATE" ? "PROVISIONING" : "PENDING",
    desiredStatus: "RUNNING",
    version: 1,
    containers: definition.containerDefinitions.map((container) =>
      newContainer(core, { cluster, taskArn, container }),
    ),
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...overrides },
    ...{ attachments: [], attributes: [], enableExecuteCommand: false },
    createdAt: nowOf(core),
    internal: {
      tags,
      executionRoleArn: overrides.executionRoleArn ?? definition.executionRoleArn,
      service: plan.service,
      deployment: plan.deployment,
    },
  };
}

function newContainer(
  core: EcsCore,
  {
    cluster,
    taskArn,
    container,
  }: { readonly cluster: Cluster; readonly taskArn: string; readonly container: ContainerDefinition },
): Container {
  const { name, image, cpu, memory, memoryReservation } = container;
  return {
    containerArn: ecsArn(cluster, `container/${cluster.clusterName}/${nameOf(taskArn)}/${core.newId()}`),
    ...{ taskArn, name, image, lastStatus: "PENDING", networkBindings: [], networkInterfaces: [] },
    ...{ healthStatus: "UNKNOWN", cpu: String(cpu) },
    ...(memory !== undefined && { memory: String(memory) }),
    ...(memoryReservation !== undefined && { memoryReservation: String(memoryReservation) }),
  };
}
