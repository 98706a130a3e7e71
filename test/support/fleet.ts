import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type Service,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import type { Embedded } from "./embedded.ts";
import { credentialsOf, type Registry } from "./registry-client.ts";
import { until } from "./until.ts";

const NETWORK = { networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } } };
const CLUSTER = "production";

/** `<account>.dkr.ecr.<region>.amazonaws.com/<rest>`: an image as workloads name it. */
export function uri({ account, region }: Registry, rest: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com/${rest}`;
}

/** One cluster in an account and Region of the running product, driven with AWS's own client as its administrator. */
export class Fleet {
  readonly ecs: ECSClient;
  readonly #at: Registry;

  private constructor(product: Embedded, at: Registry) {
    this.#at = at;
    this.ecs = new ECSClient({
      endpoint: product.url,
      region: at.region,
      credentials: credentialsOf(at.account),
    });
  }

  static async open(product: Embedded, at: Registry): Promise<Fleet> {
    const fleet = new Fleet(product, at);
    await fleet.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    return fleet;
  }

  /** A further revision of a definition for Fargate, with a container of each image; answers `family:revision`. */
  async define(family: string, ...images: readonly string[]): Promise<string> {
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        ...{ family, networkMode: "awsvpc", cpu: "256", memory: "512" },
        executionRoleArn: `arn:aws:iam::${this.#at.account}:role/ecsTaskExecutionRole`,
        containerDefinitions: images.map((image, i) => ({ name: `container-${i}`, image })),
      }),
    );
    return `${family}:${taskDefinition?.revision}`;
  }

  async forgetDefinition(taskDefinition: string): Promise<void> {
    await this.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  }

  /** A service of a definition; waits until it runs. */
  async create(serviceName: string, taskDefinition: string, desiredCount = 1): Promise<void> {
    const service = { cluster: CLUSTER, serviceName, taskDefinition, desiredCount } as const;
    await this.ecs.send(new CreateServiceCommand({ ...service, launchType: "FARGATE", ...NETWORK }));
    await this.steady(serviceName);
  }

  /** Scales, deploys anew, or deploys another definition; waits until that is done. */
  async update(
    service: string,
    change: {
      readonly desiredCount?: number;
      readonly taskDefinition?: string;
      readonly forceNewDeployment?: true;
    },
  ): Promise<void> {
    await this.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, ...change }));
    await this.steady(service);
  }

  async remove(service: string): Promise<void> {
    await this.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service, force: true }));
  }

  /** Tasks that belong to no service, at most ten. */
  async run(taskDefinition: string, count = 1): Promise<readonly Task[]> {
    const input = { cluster: CLUSTER, taskDefinition, count, launchType: "FARGATE" as const, ...NETWORK };
    const { tasks = [], failures } = await this.ecs.send(new RunTaskCommand(input));
    if (tasks.length !== count) throw new Error(`not started: ${JSON.stringify(failures)}`);
    return tasks;
  }

  async stop({ taskArn = "" }: Task): Promise<void> {
    await this.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: taskArn }));
  }

  /** As soon as it has that status. */
  async reaches({ taskArn = "" }: Task, status: string): Promise<Task> {
    return until(`${taskArn} is ${status}`, async () => {
      const [task] = await this.#describe([taskArn]);
      return task?.lastStatus === status && task;
    });
  }

  /** Tasks of a service that are to run, or that are to stop. */
  async tasks(
    serviceName: string,
    desiredStatus: "RUNNING" | "STOPPED" = "RUNNING",
  ): Promise<readonly Task[]> {
    const { taskArns = [] } = await this.ecs.send(
      new ListTasksCommand({ cluster: CLUSTER, serviceName, desiredStatus }),
    );
    return taskArns.length === 0 ? [] : this.#describe(taskArns);
  }

  /** What the running tasks of a service were started from, each digest once. */
  async digests(service: string): Promise<readonly string[]> {
    const containers = (await this.tasks(service)).flatMap((task) => task.containers ?? []);
    return [...new Set(containers.map(({ imageDigest = "" }) => imageDigest))];
  }

  /** How many tasks of the cluster run. */
  async running(): Promise<number> {
    const { clusters } = await this.ecs.send(new DescribeClustersCommand({ clusters: [CLUSTER] }));
    return clusters?.[0]?.runningTasksCount ?? 0;
  }

  /** Its only deployment is completed, and as many tasks run as shall. */
  async steady(name: string): Promise<void> {
    await until(`service ${name} is steady`, async () => {
      const input = { cluster: CLUSTER, services: [name] };
      const { services } = await this.ecs.send(new DescribeServicesCommand(input));
      return services?.[0] !== undefined && isSteady(services[0]);
    });
  }

  close(): void {
    this.ecs.destroy();
  }

  async #describe(tasks: string[]): Promise<readonly Task[]> {
    return (await this.ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks }))).tasks ?? [];
  }
}

function isSteady({ deployments = [], runningCount, pendingCount, desiredCount }: Service): boolean {
  const [deployment, ...others] = deployments;
  const completed = deployment?.rolloutState === "COMPLETED" && others.length === 0;
  return completed && runningCount === desiredCount && pendingCount === 0;
}
