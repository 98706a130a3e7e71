import { ecsArn, placeOf } from "./arns.ts";
import { Collection } from "./collection.ts";
import type { EcsStore } from "./ecs-store.ts";
import type { Cluster, ContainerInstance, Service, Task, TaskDefinition } from "./model.ts";

/** Everything that the embedded ECS knows, of all accounts and Regions. */
export type EcsState = {
  /** By account and Region, as `account/region`. */
  readonly clusters: Collection<Cluster>;
  readonly taskDefinitions: Collection<TaskDefinition>;
  /** By cluster ARN. */
  readonly instances: Collection<ContainerInstance>;
  readonly services: Collection<Service>;
  readonly tasks: Collection<Task>;
  clear(): void;
  close(): void;
};

export function openState(store: EcsStore): EcsState {
  const clusters = new Collection<Cluster>({
    ...{ kind: "cluster", store, groupOf: groupOfPlace },
    arnOf: ({ clusterArn }) => clusterArn,
  });
  const taskDefinitions = new Collection<TaskDefinition>({
    ...{ kind: "task-definition", store, groupOf: groupOfPlace },
    arnOf: ({ taskDefinitionArn }) => taskDefinitionArn,
  });
  const instances = new Collection<ContainerInstance>({
    ...{ kind: "container-instance", store, groupOf: groupOfCluster },
    arnOf: ({ containerInstanceArn }) => containerInstanceArn,
  });
  const services = new Collection<Service>({
    ...{ kind: "service", store, groupOf: groupOfCluster },
    arnOf: ({ serviceArn }) => serviceArn,
  });
  const tasks = new Collection<Task>({
    ...{ kind: "task", store, groupOf: groupOfCluster },
    arnOf: ({ taskArn }) => taskArn,
  });
  const all = [clusters, taskDefinitions, instances, services, tasks];
  return {
    clusters,
    taskDefinitions,
    instances,
    services,
    tasks,
    clear() {
      for (const collection of all) collection.clear();
      store.clear();
    },
    close: () => store.close(),
  };
}

function groupOfPlace(arn: string): string {
  const { account, region } = placeOf(arn);
  return `${account}/${region}`;
}

/** `arn:...:task/<cluster>/<id>` */
function groupOfCluster(arn: string): string {
  return ecsArn(placeOf(arn), `cluster/${arn.split("/")[1]}`);
}
