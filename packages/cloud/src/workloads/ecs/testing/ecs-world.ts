import {
  CreateClusterCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import type { Registry } from "@tallyman/domain/registry/registry";
import { expect, vi } from "vitest";
import type { EcrClient } from "../../../demo/ecr-client.ts";
import type { CloudOptions } from "../../../start-cloud.ts";
import { HUB, type RunningCloud, runningCloud } from "../../../testing/running-cloud.ts";
import { smallStacks } from "../../../testing/small-stacks.ts";

export const PATIENCE = { timeout: 60_000, interval: 10 };
export const executionRole = `arn:aws:iam::${HUB.account}:role/ecsTaskExecutionRole`;
const network = { awsvpcConfiguration: { subnets: ["subnet-1"] } };

/** `<account>.dkr.ecr.<region>.amazonaws.com/<rest>` */
export function uri(rest: string, at: Registry = HUB): string {
  return `${at.account}.dkr.ecr.${at.region}.amazonaws.com/${rest}`;
}

/** A running cloud with a client of its ECS, and a cluster `demo`. */
export type EcsWorld = {
  readonly cloud: RunningCloud;
  readonly ecs: ECSClient;
  readonly registry: EcrClient;
  /** Registers a definition for Fargate with one container of that image; answers `family:revision`. */
  define(family: string, image: string, more?: Partial<RegisterTaskDefinitionCommandInput>): Promise<string>;
  run(taskDefinition: string, more?: Partial<RunTaskCommandInput>): Promise<Task>;
  describe(taskArn: string): Promise<Task>;
  /** Waits until the task has that status, and answers with it. */
  reaches(task: Task, status: string): Promise<Task>;
  service(name: string): Promise<Service>;
  /** Waits until a service's only deployment is completed and its tasks run. */
  steady(name: string): Promise<Service>;
  /** What the running tasks of a service pulled. */
  digests(name: string): Promise<readonly (string | undefined)[]>;
  /** An EC2 instance with an agent. */
  instance(agentVersion: string, iamRole?: string): Promise<string>;
  stop(): Promise<void>;
};

export async function ecsWorld(options: Partial<CloudOptions> = {}): Promise<EcsWorld> {
  const cloud = await runningCloud({ ...stacksThatHearEcs(), ...options });
  const ecs = new ECSClient(cloud.client());
  await ecs.send(new CreateClusterCommand({ clusterName: "demo" }));
  const registry = await cloud.registry();

  async function describe(taskArn: string): Promise<Task> {
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: "demo", tasks: [taskArn] }));
    const [task] = tasks ?? [];
    if (!task) throw new Error(`There is no task ${taskArn}`);
    return task;
  }

  async function service(name: string): Promise<Service> {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: "demo", services: [name] }));
    const [found] = services ?? [];
    if (!found) throw new Error(`There is no service ${name}`);
    return found;
  }

  return {
    cloud,
    ecs,
    registry,
    describe,
    service,
    async define(family, image, more = {}) {
      const { taskDefinition } = await ecs.send(
        new RegisterTaskDefinitionCommand({
          ...{ family, networkMode: "awsvpc", cpu: "256", memory: "512", executionRoleArn: executionRole },
          containerDefinitions: [{ name: "main", image }],
          ...more,
        }),
      );
      return `${taskDefinition?.family}:${taskDefinition?.revision}`;
    },
    async run(taskDefinition, more = {}) {
      const input = {
        cluster: "demo",
        taskDefinition,
        launchType: "FARGATE",
        networkConfiguration: network,
      } as const;
      const { tasks, failures } = await ecs.send(new RunTaskCommand({ ...input, ...more }));
      const [task] = tasks ?? [];
      if (!task) throw new Error(`Nothing was started: ${JSON.stringify(failures)}`);
      return task;
    },
    reaches: ({ taskArn = "" }, status) =>
      vi.waitFor(async () => {
        const task = await describe(taskArn);
        expect(task.lastStatus).toBe(status);
        return task;
      }, PATIENCE),
    steady: (name) =>
      vi.waitFor(async () => {
        const found = await service(name);
        expect(found.deployments).toMatchObject([{ rolloutState: "COMPLETED" }]);
        expect(found.runningCount).toBe(found.desiredCount);
        expect(found.pendingCount).toBe(0);
        return found;
      }, PATIENCE),
    async digests(serviceName) {
      const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: "demo", serviceName }));
      const tasks = await Promise.all(taskArns.map(describe));
      return tasks.map(({ containers }) => containers?.[0]?.imageDigest);
    },
    async instance(agentVersion, iamRole) {
      const { containerInstance } = await ecs.send(
        new RegisterContainerInstanceCommand({
          cluster: "demo",
          instanceIdentityDocument: JSON.stringify({
            instanceId: `i-${agentVersion}`,
            ...(iamRole && { iamRole }),
          }),
          versionInfo: { agentVersion },
        }),
      );
      return containerInstance?.containerInstanceArn ?? "";
    },
    stop: () => cloud.stop(),
  };
}

/** The small stacks, whose queue `Work` gets every event of ECS. */
function stacksThatHearEcs(): ReturnType<typeof smallStacks> {
  const stacks = smallStacks();
  for (const { resources } of [stacks.hub, stacks.member])
    for (const rule of Object.values(resources["aws:cloudwatch/eventRule:EventRule"] ?? {}))
      rule["eventPattern"] = { source: ["aws.ecs"] };
  return stacks;
}

export const awsvpc = { networkConfiguration: network };
