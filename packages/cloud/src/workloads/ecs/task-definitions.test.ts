import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  paginateListTaskDefinitions,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../demo/image.ts";
import { arn, main, register } from "./testing/definitions.ts";
import { type EcsWorld, ecsWorld } from "./testing/ecs-world.ts";

let world: EcsWorld;
let ecs: ECSClient;

beforeAll(async () => {
  world = await ecsWorld();
  ecs = world.ecs;
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
  await world.registry.push("team/web", "1", await buildImage({ files: { "web.txt": "1" } }));
});
afterAll(() => world.stop());

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
