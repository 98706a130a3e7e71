import { CreateServiceCommand, StopTaskCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ecsUsageCollector } from "@tallyman/aws/ecs/usage-collector";
import { buildImage, type DemoImage } from "@tallyman/cloud/demo/image";
import { HUB, OTHER } from "@tallyman/cloud/testing/running-cloud";
import { awsvpc, type EcsWorld, ecsWorld, uri } from "@tallyman/cloud/workloads/ecs/testing/ecs-world";
import { UsageItem } from "@tallyman/domain/usage/evidence";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { collectAll } from "../support/collecting.ts";
import { embeddedClients } from "../support/embedded-clients.ts";

// What is collected of tasks, services and timers in the embedded ECS, which pulls what was pushed.

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
  const Service = ["events.amazonaws.com", "scheduler.amazonaws.com"];
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service } };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const iam = new IAMClient(world.cloud.client());
  await iam.send(new CreateRoleCommand({ RoleName: "timers", AssumeRolePolicyDocument }));
});
afterAll(() => world.stop());
beforeEach(async () => {
  name = `web-${++count}`;
  await world.registry.push("team/web", "live", one);
});

const digest = ({ manifest }: DemoImage) => manifest.digest;
const LIVE = uri("team/web:live");
const at = (image: DemoImage) => uri(`team/web@${digest(image)}`);

/** What uses this test's own family and service. */
async function collected({ revisions = 5 } = {}): Promise<readonly UsageItem[]> {
  const options = embeddedClients(world.cloud);
  const { items } = await collectAll(() => ecsUsageCollector(options), { revisions });
  for (const item of items) expect(UsageItem.parse(item)).toEqual(item);
  return items.filter(({ service }) => new RegExp(`/${name}(:|$)`).test(service));
}

const brief = (items: readonly UsageItem[]) =>
  items.map(({ kind, service, image, digest = "-" }) => `${kind} ${service} ${image} ${digest}`).toSorted();

async function create(desiredCount: number): Promise<void> {
  const taskDefinition = await world.define(name, LIVE);
  await world.ecs.send(
    new CreateServiceCommand({
      ...{ cluster: "demo", serviceName: name, desiredCount, launchType: "FARGATE", taskDefinition },
      ...awsvpc,
    }),
  );
  await world.steady(name);
}
const update = (more: object) =>
  world.ecs.send(new UpdateServiceCommand({ cluster: "demo", service: name, ...more }));

test("a service uses what its tasks run, what its tag means next, and what its deployment began with", async () => {
  await create(2);
  const items = await collected();
  expect(brief(items)).toEqual(
    [
      `running service/${name} ${LIVE} ${digest(one)}`,
      `running service/${name} ${LIVE} ${digest(one)}`,
      `template service/${name} ${LIVE} -`,
      `template service/${name} ${at(one)} ${digest(one)}`,
      `template task-definition/${name}:1 ${LIVE} -`,
    ].toSorted(),
  );
  expect(items[0]).toMatchObject({ account: HUB.account, region: HUB.region, cluster: "demo" });
});

test("a service that was scaled to nothing still uses the digest that it would start again with", async () => {
  await create(1);
  await update({ desiredCount: 0 });
  await world.steady(name);
  await world.registry.push("team/web", "live", two);
  const templates = (await collected()).filter(({ kind }) => kind === "template");
  expect(brief(templates)).toEqual(
    [
      `template service/${name} ${LIVE} -`,
      `template service/${name} ${at(one)} ${digest(one)}`,
      `template task-definition/${name}:1 ${LIVE} -`,
    ].toSorted(),
  );
});

test("revisions that a service can be rolled back to are used, as many as are asked for", async () => {
  await create(0);
  for (const image of [at(one), at(two), LIVE]) await world.define(name, image);
  await update({ taskDefinition: `${name}:4` });
  await world.steady(name);
  const revisions = (await collected({ revisions: 3 })).filter(({ service }) => service.includes(":"));
  expect(brief(revisions)).toEqual([
    `template task-definition/${name}:2 ${at(one)} -`,
    `template task-definition/${name}:3 ${at(two)} -`,
    `template task-definition/${name}:4 ${LIVE} -`,
  ]);
});

test("a task by itself is used by its family, and for a while after it has stopped", async () => {
  const task = await world.run(await world.define(name, LIVE));
  await world.reaches(task, "RUNNING");
  const service = `task-definition-family/${name}`;
  expect(brief(await collected())).toEqual([`running ${service} ${LIVE} ${digest(one)}`]);
  await world.ecs.send(new StopTaskCommand({ cluster: "demo", task: task.taskArn }));
  const { stoppedAt } = await world.reaches(task, "STOPPED");
  const items = await collected();
  expect(brief(items)).toEqual([`stopped ${service} ${LIVE} ${digest(one)}`]);
  expect(items[0]?.seenAt).toBe(stoppedAt?.toISOString());
});

test("what rules and schedules start is used before they do", async () => {
  const definition = await world.define(name, LIVE);
  const arn = (rest: string) => `arn:aws:ecs:${HUB.region}:${HUB.account}:${rest}`;
  const EcsParameters = { TaskDefinitionArn: arn(`task-definition/${definition}`), TaskCount: 1 };
  const RoleArn = `arn:aws:iam::${HUB.account}:role/timers`;
  const target = { Arn: arn("cluster/demo"), RoleArn, EcsParameters };
  const events = new EventBridgeClient(world.cloud.client());
  await events.send(new PutRuleCommand({ Name: name, ScheduleExpression: "rate(1 day)", State: "DISABLED" }));
  await events.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "task", ...target }] }));
  const ScheduleExpression = "rate(7 days)";
  const FlexibleTimeWindow = { Mode: "OFF" } as const;
  await new SchedulerClient(world.cloud.client()).send(
    new CreateScheduleCommand({ Name: name, ScheduleExpression, FlexibleTimeWindow, Target: target }),
  );
  expect(brief(await collected())).toEqual([
    `scheduled rule/default/${name} ${LIVE} -`,
    `scheduled schedule/default/${name} ${LIVE} -`,
  ]);
});

test("an account where nothing runs uses nothing, and is told apart from one that cannot be asked", async () => {
  const options = embeddedClients(world.cloud);
  expect((await collectAll(() => ecsUsageCollector(options), { at: OTHER })).items).toEqual([]);
  const nobody = {
    ...options,
    role: () => async () => ({ ...(await options.role(HUB.account)()), accessKeyId: "x" }),
  };
  await expect(collectAll(() => ecsUsageCollector(nobody))).rejects.toThrow(/ecs:ListClusters/);
});
