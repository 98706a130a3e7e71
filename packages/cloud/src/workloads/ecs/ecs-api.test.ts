import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  paginateListTaskDefinitions,
  paginateListTasks,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../demo/image.ts";
import { awsvpc, type EcsWorld, ecsWorld, executionRole, uri } from "./testing/ecs-world.ts";

const ACCOUNT = "111122223333";
const arn = (rest: string) => `arn:aws:ecs:us-east-1:${ACCOUNT}:${rest}`;
const main = { name: "main", image: uri("team/web:1") };
const fargate: Partial<RegisterTaskDefinitionCommandInput> = {
  ...{ networkMode: "awsvpc", cpu: "256", memory: "512", executionRoleArn: executionRole },
  requiresCompatibilities: ["FARGATE"],
};

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
const register = (client: ECSClient, input: object = {}) => {
  const whole = { family: "any", containerDefinitions: [main], ...fargate, ...input };
  return client.send(new RegisterTaskDefinitionCommand(whole));
};

describe("a task definition", () => {
  test.each([
    [
      {
        containerDefinitions: [{ name: "main", image: "nginx" }],
        memory: undefined,
        requiresCompatibilities: [],
      },
      "Invalid setting for container 'main'. At least one of 'memory' or 'memoryReservation' must be specified.",
    ],
    [{ networkMode: "bridge" }, "Fargate only supports network mode ‘awsvpc’."],
    [{ cpu: undefined }, "Fargate requires that 'cpu' be defined at the task level."],
    [{ memory: undefined }, "Fargate requires that 'memory' be defined at the task level."],
    [{ cpu: "256", memory: "8192" }, "No Fargate configuration exists for given values."],
    [{ cpu: "300" }, "No Fargate configuration exists for given values."],
    [
      { executionRoleArn: undefined },
      "Fargate requires task definition to have execution role ARN to support ECR images.",
    ],
    [{ executionRoleArn: "not a role" }, "Role is not valid"],
    [{ containerDefinitions: [main, main] }, "Container names in a task definition must be unique."],
    [
      { containerDefinitions: [{ ...main, essential: false }] },
      "At least one container in a task definition must be essential.",
    ],
  ])("is refused with %j", async (input, message) => {
    await expect(register(ecs, input)).rejects.toMatchObject({
      name: "ClientException",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [{ family: "has spaces" }, "family"],
    [{ containerDefinitions: [] }, "containerDefinitions"],
    [{ containerDefinitions: [{ name: "main" }] }, "image"],
    [{ networkMode: "carrier pigeon" }, "networkMode"],
  ])("of another shape is refused: %j", async (input, message) => {
    await expect(register(ecs, input)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(message),
    });
  });

  test("counts its revisions up, also over those that were deregistered, and shows what was given", async () => {
    const environment = [{ name: "A", value: "1" }];
    const family = "kept";
    await register(ecs, { family });
    const { taskDefinition } = await register(ecs, {
      family,
      containerDefinitions: [{ ...main, environment, cpu: 10 }],
    });
    expect(taskDefinition).toMatchObject({
      taskDefinitionArn: arn("task-definition/kept:2"),
      ...{
        revision: 2,
        status: "ACTIVE",
        compatibilities: ["EC2", "FARGATE"],
        registeredAt: expect.any(Date),
      },
      containerDefinitions: [{ ...main, environment, cpu: 10, essential: true, portMappings: [] }],
      requiresAttributes: expect.arrayContaining([{ name: "com.amazonaws.ecs.capability.ecr-auth" }]),
    });
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "kept:2" }));
    const latest = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "kept" }));
    expect(latest.taskDefinition?.revision).toBe(1);
    const gone = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "kept:2" }));
    expect(gone.taskDefinition?.status).toBe("INACTIVE");
    expect((await register(ecs, { family })).taskDefinition?.revision).toBe(3);
    await expect(world.run("kept:2")).rejects.toMatchObject({ message: "TaskDefinition is inactive" });
  });

  test("is listed by family and status, up or down, page by page", async () => {
    for (let n = 0; n < 12; n++) await register(ecs, { family: "pages" });
    const found: string[] = [];
    for await (const page of paginateListTaskDefinitions(
      { client: ecs, pageSize: 5 },
      { familyPrefix: "pages", sort: "DESC" },
    ))
      found.push(...(page.taskDefinitionArns ?? []));
    expect(found).toEqual(Array.from({ length: 12 }, (_, n) => arn(`task-definition/pages:${12 - n}`)));
    const families = await ecs.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix: "pag" }));
    expect(families.families).toEqual(["pages"]);
    await expect(ecs.send(new ListTaskDefinitionsCommand({ nextToken: "nonsense" }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });
});

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

describe("what is not there", () => {
  const cluster = "demo";
  test.each([
    [
      "StopTask",
      new StopTaskCommand({ cluster, task: "x" }),
      "InvalidParameterException",
      "The referenced task was not found.",
    ],
    [
      "UpdateService",
      new UpdateServiceCommand({ cluster, service: "x" }),
      "ServiceNotFoundException",
      "Service not found.",
    ],
    [
      "ListTasks of a service",
      new ListTasksCommand({ cluster, serviceName: "x" }),
      "ServiceNotFoundException",
      "Service not found.",
    ],
    [
      "DescribeTaskDefinition",
      new DescribeTaskDefinitionCommand({ taskDefinition: "x" }),
      "ClientException",
      "Unable to describe task definition.",
    ],
    [
      "ListServices of another cluster",
      new ListServicesCommand({ cluster: "x" }),
      "ClusterNotFoundException",
      "Cluster not found.",
    ],
    [
      "a foreign cluster",
      new ListTasksCommand({ cluster: "arn:aws:ecs:eu-west-1:999999999999:cluster/demo" }),
      "ClusterNotFoundException",
      "Cluster not found.",
    ],
    [
      "the default cluster",
      new ListContainerInstancesCommand({}),
      "ClusterNotFoundException",
      "Cluster not found.",
    ],
  ])("%s is told so", async (_name, command, name, message) => {
    await expect(ecs.send(command as ListTasksCommand)).rejects.toMatchObject({ name, message });
  });

  test.each([
    ["DescribeTasks", new DescribeTasksCommand({ cluster, tasks: ["x"] }), arn("task/demo/x")],
    ["DescribeServices", new DescribeServicesCommand({ cluster, services: ["x"] }), arn("service/demo/x")],
    ["DescribeClusters", new DescribeClustersCommand({ clusters: ["x"] }), arn("cluster/x")],
    [
      "DescribeContainerInstances",
      new DescribeContainerInstancesCommand({ cluster, containerInstances: ["x"] }),
      arn("container-instance/demo/x"),
    ],
  ])("%s lists as a failure", async (_name, command, missing) => {
    const { failures } = await ecs.send(command as DescribeTasksCommand);
    expect(failures).toEqual([{ arn: missing, reason: "MISSING" }]);
  });
});

describe("a cluster", () => {
  test("is made once, counted, and deleted when nothing is in it", async () => {
    const created = await ecs.send(new CreateClusterCommand({ clusterName: "short" }));
    expect(created.cluster).toMatchObject({
      clusterArn: arn("cluster/short"),
      status: "ACTIVE",
      runningTasksCount: 0,
    });
    expect((await ecs.send(new CreateClusterCommand({ clusterName: "short" }))).cluster?.status).toBe(
      "ACTIVE",
    );
    await register(ecs);
    const task = await world.run("any", { cluster: "short" });
    const remove = () => ecs.send(new DeleteClusterCommand({ cluster: "short" }));
    await expect(remove()).rejects.toMatchObject({ name: "ClusterContainsTasksException" });
    await ecs.send(new StopTaskCommand({ cluster: "short", task: task.taskArn }));
    expect((await remove()).cluster?.status).toBe("INACTIVE");
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).not.toContain(arn("cluster/short"));
    await expect(world.run("any", { cluster: "short" })).rejects.toMatchObject({
      name: "ClusterNotFoundException",
    });
  });

  test("keeps its services: one that is created again as it is stays, another one of its name is refused", async () => {
    await register(ecs);
    const input = {
      cluster: "demo",
      serviceName: "same",
      taskDefinition: "any",
      launchType: "FARGATE",
      ...awsvpc,
    } as const;
    const first = await ecs.send(new CreateServiceCommand({ ...input, desiredCount: 0 }));
    const again = await ecs.send(new CreateServiceCommand({ ...input, desiredCount: 0 }));
    expect(again.service?.deployments?.[0]?.id).toBe(first.service?.deployments?.[0]?.id);
    await expect(ecs.send(new CreateServiceCommand({ ...input, desiredCount: 1 }))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Creation of service was not idempotent.",
    });
    await expect(ecs.send(new DeleteClusterCommand({ cluster: "demo" }))).rejects.toMatchObject({
      name: "ClusterContainsServicesException",
    });
  });
});

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

test("a fault that is switched on is answered", async () => {
  await world.cloud.control("POST", "faults", {
    operations: { "ecs:ListTasks": { code: "ThrottlingException", times: 1 } },
  });
  const list = () => ecs.send(new ListTasksCommand({ cluster: "demo" }));
  await expect(list()).rejects.toMatchObject({ name: "ThrottlingException" });
  await expect(list()).resolves.toBeDefined();
});
