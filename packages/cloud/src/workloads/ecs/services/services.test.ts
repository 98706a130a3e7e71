import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DeleteServiceCommand,
  ListTasksCommand,
  StopTaskCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildImage, type DemoImage } from "../../../demo/image.ts";
import { awsvpc, type EcsWorld, ecsWorld, PATIENCE, uri } from "../testing/ecs-world.ts";

let world: EcsWorld;
let one: DemoImage;
let two: DemoImage;
let count = 0;
let name = "";

beforeAll(async () => {
  world = await ecsWorld();
  one = await buildImage({ files: { "web.txt": "1" } });
  two = await buildImage({ files: { "web.txt": "2" } });
  await world.registry.call("CreateRepository", { repositoryName: "team/web" });
});
afterAll(() => world.stop());
beforeEach(async () => {
  name = `service-${++count}`;
  await world.registry.push("team/web", "live", one);
});

async function create(more: Partial<CreateServiceCommandInput> = {}): Promise<void> {
  const taskDefinition = more.taskDefinition ?? (await world.define(name, uri("team/web:live")));
  const input = {
    cluster: "demo",
    serviceName: name,
    desiredCount: 2,
    launchType: "FARGATE",
    ...awsvpc,
  } as const;
  await world.ecs.send(new CreateServiceCommand({ ...input, taskDefinition, ...more }));
}

const update = (more: Partial<UpdateServiceCommandInput>) =>
  world.ecs.send(new UpdateServiceCommand({ cluster: "demo", service: name, ...more }));
const running = async () =>
  (await world.ecs.send(new ListTasksCommand({ cluster: "demo", serviceName: name }))).taskArns ?? [];
const digest = ({ manifest }: DemoImage) => manifest.digest;
/** Moves the tag to the other image. */
const move = () => world.registry.push("team/web", "live", two);

describe("a service", () => {
  test("runs what it is told to, and says when it is steady", async () => {
    await create();
    const service = await world.steady(name);
    expect(service).toMatchObject({
      runningCount: 2,
      desiredCount: 2,
      status: "ACTIVE",
      platformVersion: "LATEST",
    });
    expect(service.deployments).toMatchObject([
      { status: "PRIMARY", rolloutState: "COMPLETED", runningCount: 2, failedTasks: 0 },
    ]);
    expect(service.events?.[0]?.message).toBe(`(service ${name}) has reached a steady state.`);
    expect(await world.digests(name)).toEqual([digest(one), digest(one)]);
  });

  test("goes on with the digest of its deployment when the tag moves, also for tasks that it replaces or adds", async () => {
    await create();
    await world.steady(name);
    await move();
    const [first] = await running();
    await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: first }));
    await vi.waitFor(async () => expect((await world.service(name)).runningCount).toBe(2), PATIENCE);
    await update({ desiredCount: 4 });
    await vi.waitFor(async () => expect((await world.service(name)).runningCount).toBe(4), PATIENCE);
    expect(await running()).not.toContain(first);
    expect(await world.digests(name)).toEqual(Array(4).fill(digest(one)));
  });

  test("resolves the tag again with a new deployment that is forced", async () => {
    await create();
    const before = await world.steady(name);
    await move();
    await update({ forceNewDeployment: true });
    await vi.waitFor(
      async () => expect(await world.digests(name)).toEqual([digest(two), digest(two)]),
      PATIENCE,
    );
    const after = await world.steady(name);
    expect(after.deployments?.[0]?.id).not.toBe(before.deployments?.[0]?.id);
    expect(after.taskDefinition).toBe(before.taskDefinition);
  });

  test("takes the tag as it is for each task where version consistency is disabled", async () => {
    const containers = [
      { name: "main", image: uri("team/web:live"), versionConsistency: "disabled" as const },
    ];
    await create({ taskDefinition: await world.define(name, "", { containerDefinitions: containers }) });
    await world.steady(name);
    await move();
    await update({ desiredCount: 3 });
    await vi.waitFor(async () => expect((await world.service(name)).runningCount).toBe(3), PATIENCE);
    expect((await world.digests(name)).toSorted()).toEqual(
      [digest(one), digest(one), digest(two)].toSorted(),
    );
  });

  test("scaled to zero keeps its definition and its deployment's digest", async () => {
    await create();
    await world.steady(name);
    await update({ desiredCount: 0 });
    await vi.waitFor(async () => expect(await running()).toEqual([]), PATIENCE);
    const idle = await world.service(name);
    expect(idle).toMatchObject({ desiredCount: 0, runningCount: 0, status: "ACTIVE" });
    expect(idle.deployments).toHaveLength(1);
    await move();
    await update({ desiredCount: 1 });
    await vi.waitFor(async () => expect(await world.digests(name)).toEqual([digest(one)]), PATIENCE);
  });

  test("goes back to an older revision", async () => {
    await create();
    await world.steady(name);
    await world.registry.push("team/web", "next", two);
    await update({ taskDefinition: await world.define(name, uri("team/web:next")) });
    await vi.waitFor(
      async () => expect(await world.digests(name)).toEqual([digest(two), digest(two)]),
      PATIENCE,
    );
    await world.steady(name);
    await update({ taskDefinition: `${name}:1` });
    await vi.waitFor(
      async () => expect(await world.digests(name)).toEqual([digest(one), digest(one)]),
      PATIENCE,
    );
    expect((await world.steady(name)).taskDefinition).toMatch(/:1$/);
  });

  test("keeps what runs while a deployment cannot be pulled, and tries again ever later", async () => {
    await create();
    await world.steady(name);
    await update({ taskDefinition: await world.define(name, uri("team/web:late")) });
    const impaired = await vi.waitFor(async () => {
      const service = await world.service(name);
      expect(service.deployments?.[0]?.failedTasks).toBeGreaterThanOrEqual(3);
      return service;
    }, PATIENCE);
    expect(await world.digests(name)).toEqual([digest(one), digest(one)]);
    const messages = impaired.events?.map(({ message }) => message).join("\n");
    expect(messages).toContain("is unable to consistently start tasks successfully");
    expect(messages).toContain("CannotPullContainerError");
    await world.registry.push("team/web", "late", two);
    await world.cloud.control("POST", "clock", { advance: "PT15M" });
    await vi.waitFor(
      async () => expect(await world.digests(name)).toEqual([digest(two), digest(two)]),
      PATIENCE,
    );
  });

  test("rolls back by its circuit breaker, to the very digests that ran", async () => {
    const deploymentCircuitBreaker = { enable: true, rollback: true };
    await create({ deploymentConfiguration: { deploymentCircuitBreaker } });
    const before = await world.steady(name);
    await move();
    await update({ taskDefinition: await world.define(name, uri("team/web:broken")) });
    const after = await vi.waitFor(async () => {
      await world.cloud.control("POST", "clock", { advance: "PT1M" });
      const service = await world.service(name);
      expect(service.deployments?.[0]?.rolloutStateReason).toContain("completed");
      expect(service.deployments?.[0]?.id).not.toBe(before.deployments?.[0]?.id);
      return service;
    }, PATIENCE);
    expect(after.taskDefinition).toBe(before.taskDefinition);
    expect(after.events?.map(({ message }) => message).join("\n")).toContain(
      "deployment failed: tasks failed to start.",
    );
    expect(await world.digests(name)).toEqual([digest(one), digest(one)]);
  });

  test("cannot be deleted while it is scaled above zero, unless by force, and ends its tasks", async () => {
    await create();
    await world.steady(name);
    const target = { cluster: "demo", service: name };
    await expect(world.ecs.send(new DeleteServiceCommand(target))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "The service cannot be stopped while it is scaled above 0.",
    });
    await world.ecs.send(new DeleteServiceCommand({ ...target, force: true }));
    await vi.waitFor(async () => expect((await world.service(name)).status).toBe("INACTIVE"), PATIENCE);
    await expect(update({ desiredCount: 1 })).rejects.toMatchObject({ name: "ServiceNotFoundException" });
  });
});
