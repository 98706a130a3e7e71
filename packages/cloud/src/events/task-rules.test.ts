import { ListTasksCommand, type Task } from "@aws-sdk/client-ecs";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DetachRolePolicyCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildImage } from "../demo/image.ts";
import { HUB } from "../testing/running-cloud.ts";
import { type EcsWorld, ecsWorld, PATIENCE, uri } from "../workloads/ecs/testing/ecs-world.ts";

const cluster = `arn:aws:ecs:${HUB.region}:${HUB.account}:cluster/demo`;
const roleArn = `arn:aws:iam::${HUB.account}:role/starter`;
const eventsRole = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole";
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

let world: EcsWorld;
let events: EventBridgeClient;
let iam: IAMClient;
let definition: string;
let name: string;
let count = 0;

beforeAll(async () => {
  const reader = {
    ...{ name: "reader", accessKeyId: "reader", secretAccessKey: "reader" },
    policies: [
      { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "events:*", Resource: "*" }] },
    ],
  };
  world = await ecsWorld({ accounts: { accounts: [{ id: HUB.account, principals: [reader] }] } });
  events = new EventBridgeClient(world.cloud.client());
  iam = new IAMClient(world.cloud.client());
  await world.registry.call("CreateRepository", { repositoryName: "team/job" });
  await world.registry.push("team/job", "1", await buildImage({ files: { "job.txt": "1" } }));
  definition = `arn:aws:ecs:${HUB.region}:${HUB.account}:task-definition/${await world.define("job", uri("team/job:1"))}`;
  await iam.send(new CreateRoleCommand({ RoleName: "starter", AssumeRolePolicyDocument: trust }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: "starter", PolicyArn: eventsRole }));
});
beforeEach(() => {
  name = `rule-${++count}`;
});
afterEach(async () => {
  const { Targets = [] } = await events
    .send(new ListTargetsByRuleCommand({ Rule: name }))
    .catch(() => ({ Targets: [] as Target[] }));
  const Ids = Targets.map(({ Id = "" }) => Id);
  if (Ids.length > 0) await events.send(new RemoveTargetsCommand({ Rule: name, Ids }));
  await events.send(new DeleteRuleCommand({ Name: name }));
});
afterAll(() => world.stop());

const taskTarget = (more: Partial<Target> = {}): Target => ({
  Id: "task",
  Arn: cluster,
  RoleArn: roleArn,
  EcsParameters: {
    TaskDefinitionArn: definition,
    TaskCount: 1,
    LaunchType: "FARGATE",
    NetworkConfiguration: { awsvpcConfiguration: { Subnets: ["subnet-1"], AssignPublicIp: "DISABLED" } },
  },
  ...more,
});
const putRule = (EventPattern: object, more: object = {}) =>
  events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(EventPattern), ...more }));
const putTargets = (...Targets: Target[]) => events.send(new PutTargetsCommand({ Rule: name, Targets }));
const happens = () =>
  events.send(
    new PutEventsCommand({ Entries: [{ Source: "demo.jobs", DetailType: name, Detail: '{"n":1}' }] }),
  );

async function tasksOf(startedBy: string): Promise<readonly Task[]> {
  const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster: "demo", startedBy }));
  return Promise.all(taskArns.map((arn) => world.describe(arn)));
}

describe("a rule with a cluster as its target", () => {
  test("starts tasks when an event matches, as its role", async () => {
    const made = await putRule({ source: ["demo.jobs"], "detail-type": [name] }, { Description: "jobs" });
    expect(made.RuleArn).toBe(`arn:aws:events:us-east-1:${HUB.account}:rule/${name}`);
    const overrides = { containerOverrides: [{ name: "main", command: ["run"] }] };
    await putTargets(taskTarget({ Input: JSON.stringify(overrides) }));
    await events.send(
      new PutEventsCommand({ Entries: [{ Source: "demo.jobs", DetailType: "other", Detail: "{}" }] }),
    );
    expect(await tasksOf(`events-rule/${name}`)).toEqual([]);
    await happens();
    const [task] = await tasksOf(`events-rule/${name}`);
    expect(task).toMatchObject({ taskDefinitionArn: definition, launchType: "FARGATE", overrides });
    await world.reaches(task ?? {}, "RUNNING");
  });

  test("starts them on a schedule, by the cloud's clock", async () => {
    await events.send(new PutRuleCommand({ Name: name, ScheduleExpression: "rate(1 hour)" }));
    await putTargets(taskTarget());
    const started = () => tasksOf(`events-rule/${name}`);
    await world.cloud.control("POST", "clock", { advance: "PT59M" });
    expect(await started()).toHaveLength(0);
    await world.cloud.control("POST", "clock", { advance: "PT2M" });
    expect(await started()).toHaveLength(1);
    await events.send(
      new PutRuleCommand({ Name: name, ScheduleExpression: "rate(1 hour)", State: "DISABLED" }),
    );
    await world.cloud.control("POST", "clock", { advance: "PT2H" });
    expect(await started()).toHaveLength(1);
  });

  test("starts nothing as a role that may not, and says so", async () => {
    await putRule({ source: ["demo.jobs"], "detail-type": [name] });
    const deadLetters = `arn:aws:sqs:us-east-1:${HUB.account}:Undelivered`;
    await putTargets(taskTarget({ DeadLetterConfig: { Arn: deadLetters } }));
    await iam.send(new DetachRolePolicyCommand({ RoleName: "starter", PolicyArn: eventsRole }));
    await happens();
    await iam.send(new AttachRolePolicyCommand({ RoleName: "starter", PolicyArn: eventsRole }));
    expect(await tasksOf(`events-rule/${name}`)).toEqual([]);
    const { denials } = (await world.cloud.control("GET", "denials")) as { denials: { action: string }[] };
    expect(denials.map(({ action }) => action)).toContain("ecs:RunTask");
  });
});

test("rules and targets are shown as they were put, and stay over a restart", async () => {
  await putRule({ source: ["demo.jobs"] }, { State: "DISABLED", Description: "d" });
  await putTargets(taskTarget(), { Id: "queue", Arn: `arn:aws:sqs:us-east-1:${HUB.account}:Work` });
  const look = async () => {
    const { $metadata: _, ...rule } = await events.send(new DescribeRuleCommand({ Name: name }));
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: name }));
    const { Rules } = await events.send(new ListRulesCommand({ NamePrefix: name }));
    return { rule, Targets, Rules };
  };
  await putRule({ source: ["demo.jobs"] }, { State: "DISABLED", Description: "d" });
  const before = await look();
  expect(before.rule).toMatchObject({ State: "DISABLED", Description: "d", EventBusName: "default" });
  expect(before.Targets).toMatchObject([taskTarget(), { Id: "queue" }]);
  expect(before.Rules).toMatchObject([{ Name: name, EventPattern: '{"source":["demo.jobs"]}' }]);
  await world.cloud.restart();
  events = new EventBridgeClient(world.cloud.client());
  expect(await look()).toEqual(before);
  const { EventBuses } = await events.send(new ListEventBusesCommand({}));
  expect(EventBuses?.map((bus) => bus.Name)).toEqual(["central", "default"]);
});

describe("what is wrong is refused as EventBridge refuses it:", () => {
  test.each([
    ["neither pattern nor schedule", {}, "ValidationException"],
    ["a pattern that is none", { EventPattern: "{" }, "InvalidEventPatternException"],
    [
      "a pattern of unknown operators",
      { EventPattern: '{"source":[{"like":"x"}]}' },
      "InvalidEventPatternException",
    ],
    ["a schedule that is none", { ScheduleExpression: "every day" }, "ValidationException"],
    [
      "a bus that is not there",
      { EventPattern: '{"source":["a"]}', EventBusName: "none" },
      "ResourceNotFoundException",
    ],
    [
      "a schedule on another bus",
      { ScheduleExpression: "rate(1 hour)", EventBusName: "central" },
      "ValidationException",
    ],
  ])("%s", async (_, input, error) => {
    await expect(events.send(new PutRuleCommand({ Name: name, ...input }))).rejects.toMatchObject({
      name: error,
    });
  });

  test.each<[string, () => Target]>([
    ["a cluster without a role", () => ({ ...taskTarget(), RoleArn: undefined })],
    ["a cluster without a task definition", () => ({ ...taskTarget(), EcsParameters: undefined })],
    ["a cluster of another account", () => taskTarget({ Arn: cluster.replace(HUB.account, "444455556666") })],
    ["a function", () => ({ Id: "f", Arn: `arn:aws:lambda:us-east-1:${HUB.account}:function:f` })],
    ["input that is no JSON", () => taskTarget({ Input: "{" })],
  ])("%s", async (_, target) => {
    await putRule({ source: ["demo.jobs"] });
    await expect(putTargets(target())).rejects.toMatchObject({ name: "ValidationException" });
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: name }));
    expect(Targets).toEqual([]);
  });

  test("a sixth target", async () => {
    await putRule({ source: ["demo.jobs"] });
    const five = ["a", "b", "c", "d", "e"].map((Id) => taskTarget({ Id }));
    await putTargets(...five);
    await putTargets(taskTarget({ Id: "e" }));
    await expect(putTargets(taskTarget({ Id: "f" }))).rejects.toMatchObject({
      name: "LimitExceededException",
    });
  });

  test("a role that the caller may not pass", async () => {
    await putRule({ source: ["demo.jobs"] });
    const reader = new EventBridgeClient(world.cloud.client(HUB, "reader"));
    await expect(
      reader.send(new PutTargetsCommand({ Rule: name, Targets: [taskTarget()] })),
    ).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`iam:PassRole on resource: ${roleArn}`),
    });
  });
});

test("a reset forgets the rules that calls made", async () => {
  await putRule({ source: ["demo.jobs"] });
  await world.cloud.control("POST", "reset");
  await vi.waitFor(async () => {
    await expect(events.send(new DescribeRuleCommand({ Name: name }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  }, PATIENCE);
});
