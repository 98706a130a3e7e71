import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { type Looked, mapLooked, remembered } from "@tallyman/domain/doctor/looked";
import type { EcsLook } from "@tallyman/domain/doctor/ports";
import * as z from "@tallyman/domain/zod";
import { clientConfig, type DoctorConnection } from "./connection.ts";
import {
  InstanceFacts,
  Service,
  serviceWorkload,
  Task,
  TaskDefinition,
  taskWorkloads,
} from "./ecs-shapes.ts";
import { look, lookAt, lookAtAll, pageOf } from "./look.ts";

const text = z.string();
const arns = (items: string) => pageOf(items, text);

const CLUSTERS = z.object({ clusters: z.array(z.object({ clusterName: text, status: z.optional(text) })) });
const SERVICES = z.object({ services: z.array(Service) });
const TASKS = z.object({ tasks: z.array(Task) });
const INSTANCES = z.object({ containerInstances: z.array(InstanceFacts) });

/** What ECS describes at once: services, and tasks or container instances. */
const FEW = 10;
const MANY = 100;

/** Looks at ECS in one account and Region. */
export function awsEcsLook(connection: DoctorConnection): EcsLook {
  const ecs = new ECSClient(clientConfig(connection));
  const list = {
    services: (cluster: string) =>
      lookAtAll({ action: "ecs:ListServices", schema: arns("serviceArns") }, (nextToken) =>
        ecs.send(new ListServicesCommand({ cluster, nextToken, maxResults: 100 })),
      ),
    tasks: (cluster: string) =>
      lookAtAll({ action: "ecs:ListTasks", schema: arns("taskArns") }, (nextToken) =>
        ecs.send(new ListTasksCommand({ cluster, nextToken, desiredStatus: "RUNNING" })),
      ),
    instances: (cluster: string) =>
      lookAtAll(
        { action: "ecs:ListContainerInstances", schema: arns("containerInstanceArns") },
        (nextToken) => ecs.send(new ListContainerInstancesCommand({ cluster, nextToken })),
      ),
  };
  return {
    async listClusters() {
      const found = await lookAtAll(
        { action: "ecs:ListClusters", schema: arns("clusterArns") },
        (nextToken) => ecs.send(new ListClustersCommand({ nextToken })),
      );
      return mapLooked(found, (all) => all.map(lastPart));
    },
    async findCluster(name) {
      const question = { action: "ecs:DescribeClusters", schema: CLUSTERS };
      const found = await lookAt(question, () => ecs.send(new DescribeClustersCommand({ clusters: [name] })));
      return mapLooked(
        found,
        ({ clusters }) => clusters.find(({ status }) => status !== "INACTIVE")?.clusterName,
      );
    },
    async listServices(cluster) {
      const described = await describe(await list.services(cluster), FEW, (services) =>
        lookAt({ action: "ecs:DescribeServices", schema: SERVICES }, () =>
          ecs.send(new DescribeServicesCommand({ cluster, services: [...services] })),
        ),
      );
      return mapLooked(described, (pages) =>
        pages.flatMap(({ services }) => services.filter(isActive).map((it) => serviceWorkload(cluster, it))),
      );
    },
    async findService({ cluster, name }) {
      const question = { action: "ecs:DescribeServices", schema: SERVICES };
      const input = { cluster, services: [name] };
      const found = await lookAt(question, () => ecs.send(new DescribeServicesCommand(input)));
      return mapLooked(found, ({ services }) => {
        const service = services.find(isActive);
        return service && serviceWorkload(cluster, service);
      });
    },
    async listTasks(cluster) {
      const described = await describe(await list.tasks(cluster), MANY, (tasks) =>
        lookAt({ action: "ecs:DescribeTasks", schema: TASKS }, () =>
          ecs.send(new DescribeTasksCommand({ cluster, tasks: [...tasks] })),
        ),
      );
      return mapLooked(described, (pages) =>
        taskWorkloads(
          cluster,
          pages.flatMap(({ tasks }) => tasks),
        ),
      );
    },
    async listInstances(cluster) {
      const described = await describe(await list.instances(cluster), MANY, (containerInstances) =>
        lookAt({ action: "ecs:DescribeContainerInstances", schema: INSTANCES }, () =>
          ecs.send(
            new DescribeContainerInstancesCommand({ cluster, containerInstances: [...containerInstances] }),
          ),
        ),
      );
      return mapLooked(described, (pages) =>
        pages.flatMap((page) => page.containerInstances.map((it) => ({ cluster, ...it }))),
      );
    },
    findTaskDefinition: remembered((taskDefinition: string) => {
      // ECS says "ClientException: Unable to describe task definition." of one that is not there.
      const question = {
        action: "ecs:DescribeTaskDefinition",
        schema: TaskDefinition,
        gone: ["ClientException"],
      };
      return look(question, () => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition })));
    }),
  };
}

/** Describes what was listed, page by page. */
async function describe<T>(
  listed: Looked<readonly string[]>,
  size: number,
  ask: (arns: readonly string[]) => Promise<Looked<T>>,
): Promise<Looked<readonly T[]>> {
  if ("unseen" in listed) return listed;
  const pages: T[] = [];
  for (let from = 0; from < listed.seen.length; from += size) {
    const page = await ask(listed.seen.slice(from, from + size));
    if ("unseen" in page) return page;
    pages.push(page.seen);
  }
  return { seen: pages };
}

function isActive({ status }: z.infer<typeof Service>): boolean {
  return status === undefined || status === "ACTIVE";
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
