import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
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
  StopTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../demo/image.ts";
import { OTHER } from "../../testing/running-cloud.ts";
import { arn, register } from "./testing/definitions.ts";
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

  test("of another account is none of ours, whatever IAM allows", async () => {
    const theirs = new ECSClient(world.cloud.client(OTHER));
    const { cluster } = await theirs.send(new CreateClusterCommand({ clusterName: "theirs" }));
    const { clusterArn = "" } = cluster ?? {};
    const listing = ecs.send(new ListTasksCommand({ cluster: clusterArn }));
    await expect(listing).rejects.toMatchObject({ name: "ClusterNotFoundException" });
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

test("a fault that is switched on is answered", async () => {
  await world.cloud.control("POST", "faults", {
    operations: { "ecs:ListTasks": { code: "ThrottlingException", times: 1 } },
  });
  const list = () => ecs.send(new ListTasksCommand({ cluster: "demo" }));
  await expect(list()).rejects.toMatchObject({ name: "ThrottlingException" });
  await expect(list()).resolves.toBeDefined();
});
