import {
  DescribeTasksCommand,
  type ECSClient,
  paginateListTasks,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../demo/image.ts";
import { register } from "./testing/definitions.ts";
import { awsvpc, type EcsWorld, ecsWorld } from "./testing/ecs-world.ts";

let world: EcsWorld;
let ecs: ECSClient;

beforeAll(async () => {
  world = await ecsWorld();
  ecs = world.ecs;
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "1", await buildImage({ files: { "web.txt": "1" } }));
});
afterAll(() => world.stop());

describe("RunTask", () => {
  test.each([
    ["a cluster that is not there", { cluster: "nowhere" }, "ClusterNotFoundException", "Cluster not found."],
    [
      "a definition that is not there",
      { taskDefinition: "nothing" },
      "ClientException",
      "TaskDefinition not found.",
    ],
    [
      "a revision that is not there",
      { taskDefinition: "any:9999" },
      "ClientException",
      "TaskDefinition not found.",
    ],
    [
      "no network for awsvpc",
      { networkConfiguration: undefined },
      "InvalidParameterException",
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    ["a group that is a service's", { group: "service:web" }, "InvalidParameterException", "group"],
    ["more than ten", { count: 11 }, "InvalidParameterException", "count"],
    ["none", { count: 0 }, "InvalidParameterException", "count"],
    [
      "a cluster without instances",
      { launchType: "EC2" },
      "InvalidParameterException",
      "No Container Instances were found in your cluster.",
    ],
    [
      "launch type and providers",
      { capacityProviderStrategy: [{ capacityProvider: "FARGATE" }] },
      "InvalidParameterException",
      "Specifying both a launch type and capacity provider strategy",
    ],
  ])("refuses %s", async (_name, input, name, message) => {
    await register(ecs);
    await expect(world.run("any", input as object)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  test("starts nothing twice for one client token, and refuses it for another request", async () => {
    await register(ecs);
    const input = {
      cluster: "demo",
      taskDefinition: "any",
      launchType: "FARGATE",
      clientToken: "once",
      ...awsvpc,
    } as const;
    const [first, again] = [
      await ecs.send(new RunTaskCommand(input)),
      await ecs.send(new RunTaskCommand(input)),
    ];
    expect(again.tasks?.map(({ taskArn }) => taskArn)).toEqual(first.tasks?.map(({ taskArn }) => taskArn));
    await expect(ecs.send(new RunTaskCommand({ ...input, count: 2 }))).rejects.toMatchObject({
      name: "ConflictException",
      resourceIds: [first.tasks?.[0]?.taskArn],
    });
  });

  test("starts on Fargate by its capacity provider, with the overrides and tags of the request", async () => {
    await register(ecs);
    const task = await world.run("any", {
      launchType: undefined,
      capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT" }],
      overrides: { containerOverrides: [{ name: "main", command: ["x"] }] },
      tags: [{ key: "team", value: "a" }],
      group: "batch",
    });
    expect(task).toMatchObject({
      ...{ launchType: "FARGATE", capacityProviderName: "FARGATE_SPOT", group: "batch" },
      overrides: { containerOverrides: [{ name: "main", command: ["x"] }] },
    });
    const tasks = [task.taskArn ?? ""];
    const shown = await ecs.send(new DescribeTasksCommand({ cluster: "demo", tasks, include: ["TAGS"] }));
    expect(shown.tasks?.[0]?.tags).toEqual([{ key: "team", value: "a" }]);
  });

  test("tasks are listed page by page, and none is missed when others stop meanwhile", async () => {
    await register(ecs, { family: "listed" });
    const more = {
      taskDefinition: "listed",
      cluster: "demo",
      launchType: "FARGATE",
      count: 10,
      ...awsvpc,
    } as const;
    const started = await Promise.all([1, 2, 3].map(() => ecs.send(new RunTaskCommand(more))));
    const all = started.flatMap(({ tasks = [] }) => tasks.map(({ taskArn = "" }) => taskArn));
    const [first, ...rest] = await pagesOf();
    const found = [...(first ?? []), ...rest.flat()];
    expect(new Set(found).size).toBe(found.length);
    expect(found).toHaveLength(29);
    expect(all).toEqual(expect.arrayContaining(found));
  });

  /** The last one of the first page is stopped before the second is read. */
  async function pagesOf(): Promise<readonly (readonly string[])[]> {
    const pages: string[][] = [];
    const input = { cluster: "demo", family: "listed" };
    for await (const { taskArns = [] } of paginateListTasks({ client: ecs, pageSize: 10 }, input)) {
      if (pages.length === 0) await ecs.send(new StopTaskCommand({ cluster: "demo", task: taskArns.at(-1) }));
      pages.push(pages.length === 0 ? taskArns.slice(0, -1) : taskArns);
    }
    return pages;
  }
});
