import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeTasksCommand,
  ListTasksCommand,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildImage } from "../../../demo/image.ts";
import { type EcsWorld, ecsWorld, PATIENCE, uri } from "../testing/ecs-world.ts";

let world: EcsWorld;
let taskDefinition = "";

beforeEach(async () => {
  world = await ecsWorld();
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "1", await buildImage({ files: { "web.txt": "1" } }));
  taskDefinition = await world.define("web", uri("team/web:1"), { networkMode: "bridge" });
});
afterEach(() => world.stop());

const create = (serviceName: string, more: Partial<CreateServiceCommandInput>) =>
  world.ecs.send(
    new CreateServiceCommand({ cluster: "demo", serviceName, taskDefinition, launchType: "EC2", ...more }),
  );

/** Where the tasks of a service run. */
async function places(serviceName: string): Promise<readonly (string | undefined)[]> {
  const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster: "demo", serviceName }));
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await world.ecs.send(new DescribeTasksCommand({ cluster: "demo", tasks: taskArns }));
  const running = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING");
  return running.map(({ containerInstanceArn }) => containerInstanceArn).toSorted();
}

const runsOn = (serviceName: string, ...instances: readonly string[]) =>
  vi.waitFor(async () => expect(await places(serviceName)).toEqual(instances.toSorted()), PATIENCE);

test("a service that finds no place says so once, and takes the first instance that comes", async () => {
  await create("web", { desiredCount: 1 });
  await vi.waitFor(async () => {
    const { events = [] } = await world.service("web");
    expect(events[0]?.message).toContain("was unable to place a task because no container instance met");
  }, PATIENCE);
  await runsOn("web", await world.instance("1.90.0"));
});

test("a daemon runs once on each instance, also on one that comes later", async () => {
  const first = await world.instance("1.90.0");
  await create("daemon", { schedulingStrategy: "DAEMON" });
  await runsOn("daemon", first);
  await runsOn("daemon", first, await world.instance("1.91.0"));
});

test("tasks are spread over the instances, and leave one that is drained", async () => {
  const [first, second] = [await world.instance("1.89.0"), await world.instance("1.90.0")];
  await create("web", { desiredCount: 2 });
  await runsOn("web", first, second);
  const containerInstances = [first];
  const drained = { cluster: "demo", containerInstances, status: "DRAINING" as const };
  await world.ecs.send(new UpdateContainerInstancesStateCommand(drained));
  await runsOn("web", second, second);
});
