import {
  CreateClusterCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../demo/image.ts";
import { ACCOUNT, arn, register } from "./testing/definitions.ts";
import { awsvpc, type EcsWorld, ecsWorld, executionRole } from "./testing/ecs-world.ts";

let world: EcsWorld;
let ecs: ECSClient;

/** A principal for each action, who may do everything else. */
const limited = (name: string, statements: readonly object[]) => ({
  name,
  ...{ accessKeyId: name, secretAccessKey: name },
  policies: [{ Version: "2012-10-17", Statement: statements }],
});
const allow = (Action: string | readonly string[], Resource = "*", more: object = {}) => ({
  ...{ Effect: "Allow", Action, Resource },
  ...more,
});

beforeAll(async () => {
  const onlyDemo = { Condition: { ArnEquals: { "ecs:cluster": arn("cluster/demo") } } };
  const passing = { Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } } };
  const principals = [
    limited("no-pass", [allow("ecs:*")]),
    limited("passes", [allow("ecs:*"), allow("iam:PassRole", executionRole, passing)]),
    limited("family", [
      allow("ecs:RunTask", arn("task-definition/allowed:*"), onlyDemo),
      allow("iam:PassRole"),
    ]),
    limited("reader", [allow(["ecs:Describe*", "ecs:List*"])]),
    limited("no-tags", [allow(["ecs:*", "iam:PassRole"]), { ...allow("ecs:TagResource"), Effect: "Deny" }]),
    limited("nobody", [allow("s3:*")]),
  ];
  world = await ecsWorld({ accounts: { accounts: [{ id: ACCOUNT, principals }] } });
  ecs = world.ecs;
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "1", await buildImage({ files: { "web.txt": "1" } }));
});
afterAll(() => world.stop());

const as = (name: string) => new ECSClient(world.cloud.client(undefined, name));
describe("IAM", () => {
  const refused = (action: string, resource: string) => ({
    name: "AccessDeniedException",
    message: expect.stringMatching(
      `not authorized to perform: ${action} on resource: ${resource.replaceAll("*", "\\*")}`,
    ),
  });

  test.each([
    ["ecs:ListClusters", new ListClustersCommand({}), "*"],
    ["ecs:DescribeTasks", new DescribeTasksCommand({ cluster: "demo", tasks: ["x"] }), arn("task/demo/x")],
    ["ecs:ListTasks", new ListTasksCommand({ cluster: "demo" }), arn("container-instance/demo/*")],
    ["ecs:StopTask", new StopTaskCommand({ cluster: "demo", task: "x" }), arn("task/demo/x")],
    [
      "ecs:DescribeServices",
      new DescribeServicesCommand({ cluster: "demo", services: ["x"] }),
      arn("service/demo/x"),
    ],
    ["ecs:DescribeTaskDefinition", new DescribeTaskDefinitionCommand({ taskDefinition: "x" }), "*"],
    ["ecs:DescribeClusters", new DescribeClustersCommand({ clusters: ["demo"] }), arn("cluster/demo")],
  ])("%s has to be allowed", async (action, command, resource) => {
    await expect(as("nobody").send(command as ListClustersCommand)).rejects.toMatchObject(
      refused(action, resource),
    );
  });

  test("a role is passed on only by who may", async () => {
    await expect(register(as("no-pass"))).rejects.toMatchObject(refused("iam:PassRole", executionRole));
    await expect(register(as("passes"))).resolves.toBeDefined();
    const input = { cluster: "demo", taskDefinition: "any", launchType: "FARGATE", ...awsvpc } as const;
    await expect(as("no-pass").send(new RunTaskCommand(input))).rejects.toMatchObject(
      refused("iam:PassRole", executionRole),
    );
    await expect(as("reader").send(new RunTaskCommand(input))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  test("who may not tag can make nothing with tags", async () => {
    await register(ecs);
    const untagging = as("no-tags");
    const tags = [{ key: "team", value: "a" }];
    const input = { cluster: "demo", taskDefinition: "any", launchType: "FARGATE", ...awsvpc } as const;
    const denied = { name: "AccessDeniedException", message: expect.stringContaining("ecs:TagResource") };
    await expect(untagging.send(new RunTaskCommand(input))).resolves.toBeDefined();
    await expect(untagging.send(new RunTaskCommand({ ...input, tags }))).rejects.toMatchObject(denied);
    await expect(register(untagging, { tags })).rejects.toMatchObject(denied);
    await expect(untagging.send(new CreateClusterCommand({ clusterName: "t", tags }))).rejects.toMatchObject(
      denied,
    );
  });

  test("RunTask can be limited to a family and a cluster", async () => {
    for (const family of ["allowed", "other"]) await register(ecs, { family });
    await ecs.send(new CreateClusterCommand({ clusterName: "elsewhere" }));
    const run = (taskDefinition: string, cluster: string) =>
      as("family").send(new RunTaskCommand({ cluster, taskDefinition, launchType: "FARGATE", ...awsvpc }));
    expect((await run("allowed", "demo")).tasks).toHaveLength(1);
    await expect(run("other", "demo")).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(run("allowed", "elsewhere")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
