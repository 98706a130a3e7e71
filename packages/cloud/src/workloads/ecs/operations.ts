import type * as z from "zod";
import * as clusters from "./clusters.ts";
import * as instances from "./container-instances.ts";
import type { EcsCaller, EcsContext } from "./ecs-call.ts";
import { RegisterContainerInstance, registerContainerInstance } from "./register-instance.ts";
import { RegisterTaskDefinition, registerTaskDefinition } from "./register-task-definition.ts";
import { RunTask, runTask } from "./run-task.ts";
import { CreateService, createService } from "./services/create-service.ts";
import * as revisions from "./services/service-revisions.ts";
import * as services from "./services/services.ts";
import { UpdateService, updateService } from "./services/update-service.ts";
import * as definitions from "./task-definitions.ts";
import * as tasks from "./tasks.ts";
import { UpdateContainerAgent, updateContainerAgent } from "./update-agent.ts";

/** One operation: its input is read before it is asked. */
export type Operation = (context: EcsContext, caller: EcsCaller, input: unknown) => object;

function operation<T extends z.ZodType>(
  shape: T,
  run: (context: EcsContext, caller: EcsCaller, input: z.output<T>) => object,
): Operation {
  return (context, caller, input) => run(context, caller, shape.parse(input));
}

/** By the name in `X-Amz-Target`. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateCluster: operation(clusters.CreateCluster, clusters.createCluster),
  DeleteCluster: operation(clusters.ClusterInput, clusters.deleteCluster),
  DescribeClusters: operation(clusters.DescribeClusters, clusters.describeClusters),
  ListClusters: operation(clusters.ListClusters, clusters.listClusters),
  RegisterTaskDefinition: operation(RegisterTaskDefinition, registerTaskDefinition),
  DeregisterTaskDefinition: operation(
    definitions.DeregisterTaskDefinition,
    definitions.deregisterTaskDefinition,
  ),
  DescribeTaskDefinition: operation(definitions.DescribeTaskDefinition, definitions.describeTaskDefinition),
  ListTaskDefinitions: operation(definitions.ListTaskDefinitions, definitions.listTaskDefinitions),
  ListTaskDefinitionFamilies: operation(
    definitions.ListTaskDefinitionFamilies,
    definitions.listTaskDefinitionFamilies,
  ),
  RunTask: operation(RunTask, runTask),
  StopTask: operation(tasks.StopTask, tasks.stopTaskCall),
  DescribeTasks: operation(tasks.DescribeTasks, tasks.describeTasks),
  ListTasks: operation(tasks.ListTasks, tasks.listTasks),
  CreateService: operation(CreateService, createService),
  UpdateService: operation(UpdateService, updateService),
  DeleteService: operation(services.DeleteService, services.deleteService),
  DescribeServices: operation(services.DescribeServices, services.describeServices),
  ListServices: operation(services.ListServices, services.listServices),
  DescribeServiceRevisions: operation(revisions.DescribeServiceRevisions, revisions.describeServiceRevisions),
  RegisterContainerInstance: operation(RegisterContainerInstance, registerContainerInstance),
  DeregisterContainerInstance: operation(
    instances.DeregisterContainerInstance,
    instances.deregisterContainerInstance,
  ),
  ListContainerInstances: operation(instances.ListContainerInstances, instances.listContainerInstances),
  DescribeContainerInstances: operation(
    instances.DescribeContainerInstances,
    instances.describeContainerInstances,
  ),
  UpdateContainerAgent: operation(UpdateContainerAgent, updateContainerAgent),
  UpdateContainerInstancesState: operation(
    instances.UpdateContainerInstancesState,
    instances.updateContainerInstancesState,
  ),
};
