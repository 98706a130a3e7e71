import {
  CreateServiceCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildImage, type DemoImage } from "../../demo/image.ts";
import { awsvpc, type EcsWorld, ecsWorld, PATIENCE, uri } from "./testing/ecs-world.ts";

let world: EcsWorld;
let image: DemoImage;
const slow = { latency: { "ecr:GetAuthorizationToken": 60_000 } };

beforeAll(async () => {
  world = await ecsWorld();
  image = await buildImage({ files: { "web.txt": "1" } });
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "1", image);
});
afterAll(() => world.stop());
beforeEach(() => world.cloud.control("POST", "faults", {}));

test("a task that is stopped while it pulls never runs", async () => {
  const taskDefinition = await world.define("slow", uri("team/web:1"));
  await world.cloud.control("POST", "faults", slow);
  const task = await world.reaches(await world.run(taskDefinition), "PENDING");
  await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: task.taskArn }));
  const stopped = await world.describe(task.taskArn ?? "");
  expect(stopped).toMatchObject({ lastStatus: "STOPPED", stopCode: "UserInitiated" });
  expect(stopped.startedAt).toBeUndefined();
  expect(await world.cloud.control("GET", "idle?wait=60")).toMatchObject({ tasks: 0 });
});

test("a cloud that is stopped while tasks pull goes on with them at its next start, and with its services", async () => {
  const taskDefinition = await world.define("resumed", uri("team/web:1"));
  await world.cloud.control("POST", "faults", slow);
  const input = { cluster: "demo", taskDefinition, launchType: "FARGATE", ...awsvpc } as const;
  const { tasks = [] } = await world.ecs.send(new RunTaskCommand({ ...input, count: 3 }));
  await world.ecs.send(new CreateServiceCommand({ ...input, serviceName: "resumed", desiredCount: 2 }));
  await world.cloud.restart();
  const ecs = new ECSClient(world.cloud.client());
  await vi.waitFor(async () => {
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: "demo", family: "resumed" }));
    expect(taskArns).toEqual(expect.arrayContaining(tasks.map(({ taskArn }) => taskArn)));
    const found = await ecs.send(new DescribeTasksCommand({ cluster: "demo", tasks: taskArns }));
    expect(found.tasks?.map(({ lastStatus }) => lastStatus)).toEqual(Array(5).fill("RUNNING"));
  }, PATIENCE);
});
