import { ListTasksCommand, type Task } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildImage } from "../demo/image.ts";
import { HUB } from "../testing/running-cloud.ts";
import { type EcsWorld, ecsWorld, uri } from "../workloads/ecs/testing/ecs-world.ts";

const cluster = `arn:aws:ecs:${HUB.region}:${HUB.account}:cluster/demo`;
const queue = `arn:aws:sqs:${HUB.region}:${HUB.account}:Undelivered`;
const role = (name: string) => `arn:aws:iam::${HUB.account}:role/${name}`;
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

let world: EcsWorld;
let scheduler: SchedulerClient;
let definition: string;
let name: string;
let count = 0;

beforeAll(async () => {
  const limited = {
    ...{ name: "limited", accessKeyId: "limited", secretAccessKey: "limited" },
    policies: [JSON.parse(policy({ Effect: "Allow", Action: "scheduler:*", Resource: "*" }))],
  };
  world = await ecsWorld({ accounts: { accounts: [{ id: HUB.account, principals: [limited] }] } });
  scheduler = new SchedulerClient(world.cloud.client());
  await world.registry.call("CreateRepository", { repositoryName: "team/job" });
  await world.registry.push("team/job", "1", await buildImage({ files: { "job.txt": "1" } }));
  definition = `arn:aws:ecs:${HUB.region}:${HUB.account}:task-definition/${await world.define("job", uri("team/job:1"))}`;
  await createRole("job-timer", "scheduler.amazonaws.com");
  await createRole("stranger", "events.amazonaws.com");
});
beforeEach(() => {
  name = `schedule-${++count}`;
});
afterAll(() => world.stop());

async function createRole(RoleName: string, Service: string): Promise<void> {
  const iam = new IAMClient(world.cloud.client());
  const AssumeRolePolicyDocument = policy({
    ...{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" },
  });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const allowed = ["ecs:RunTask", "iam:PassRole", "sqs:SendMessage"];
  const PolicyDocument = policy({ Effect: "Allow", Action: allowed, Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "start", PolicyDocument }));
}

const taskTarget = () => ({
  Arn: cluster,
  RoleArn: role("job-timer"),
  EcsParameters: {
    TaskDefinitionArn: definition,
    LaunchType: "FARGATE" as const,
    NetworkConfiguration: { awsvpcConfiguration: { Subnets: ["subnet-1"] } },
  },
});
const input = (more: Partial<CreateScheduleCommandInput> = {}): CreateScheduleCommandInput => ({
  Name: name,
  ScheduleExpression: "rate(1 hour)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: taskTarget(),
  ...more,
});
const create = (more?: Partial<CreateScheduleCommandInput>) =>
  scheduler.send(new CreateScheduleCommand(input(more)));
const get = () => scheduler.send(new GetScheduleCommand({ Name: name }));
const advance = (period: string) => world.cloud.control("POST", "clock", { advance: period });

async function started(): Promise<readonly Task[]> {
  const startedBy = `chronos-schedule/${name}`;
  const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster: "demo", startedBy }));
  return Promise.all(taskArns.map((arn) => world.describe(arn)));
}

describe("a schedule that a call made", () => {
  test("starts tasks in each period, as its role, and is shown as it is", async () => {
    const { ScheduleArn } = await create({ Description: "nightly" });
    expect(ScheduleArn).toBe(`arn:aws:scheduler:us-east-1:${HUB.account}:schedule/default/${name}`);
    expect(await get()).toMatchObject({
      Name: name,
      GroupName: "default",
      State: "ENABLED",
      Description: "nightly",
      ScheduleExpression: "rate(1 hour)",
      ScheduleExpressionTimezone: "UTC",
      Target: taskTarget(),
      CreationDate: expect.any(Date),
    });
    await advance("PT61M");
    const [task] = await started();
    expect(task).toMatchObject({ taskDefinitionArn: definition });
    await world.reaches(task ?? {}, "RUNNING");
    await advance("PT1H");
    expect(await started()).toHaveLength(2);
    await scheduler.send(new UpdateScheduleCommand(input({ State: "DISABLED" })));
    expect((await get()).Description).toBeUndefined();
    await advance("PT3H");
    expect(await started()).toHaveLength(2);
    await scheduler.send(new DeleteScheduleCommand({ Name: name }));
    await expect(get()).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: `Schedule ${name} does not exist.`,
    });
  });

  test("calls RunTask itself, with the call's own input", async () => {
    const call = {
      Cluster: "demo",
      TaskDefinition: definition,
      LaunchType: "FARGATE",
      StartedBy: `chronos-schedule/${name}`,
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ["subnet-1"] } },
    };
    const Arn = "arn:aws:scheduler:::aws-sdk:ecs:runTask";
    await create({ Target: { Arn, RoleArn: role("job-timer"), Input: JSON.stringify(call) } });
    await advance("PT61M");
    expect(await started()).toMatchObject([{ taskDefinitionArn: definition }]);
    await scheduler.send(new DeleteScheduleCommand({ Name: name }));
  });

  test("runs once, at its time, and goes when it is told to", async () => {
    const at = new Date(world.cloud.cloud.clock.now().getTime() + 7_200_000);
    const ScheduleExpression = `at(${at.toISOString().slice(0, 19)})`;
    await create({ ScheduleExpression, ActionAfterCompletion: "DELETE" });
    await advance("PT1H");
    expect(await started()).toHaveLength(0);
    await advance("PT2H");
    expect(await started()).toHaveLength(1);
    await expect(get()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("does not run before its start and after its end", async () => {
    const now = world.cloud.cloud.clock.now().getTime();
    await create({ StartDate: new Date(now + 5_400_000), EndDate: new Date(now + 9_000_000) });
    await advance("PT61M");
    expect(await started()).toHaveLength(0);
    await advance("PT1H");
    expect(await started()).toHaveLength(1);
    await advance("PT1H");
    expect(await started()).toHaveLength(1);
    await scheduler.send(new DeleteScheduleCommand({ Name: name }));
  });

  test("hands what it could not start to its dead-letter queue", async () => {
    const Target = { ...taskTarget(), DeadLetterConfig: { Arn: queue } };
    const TaskDefinitionArn = definition.replace("job:", "none:");
    await create({ Target: { ...Target, EcsParameters: { ...Target.EcsParameters, TaskDefinitionArn } } });
    await advance("PT61M");
    const sqs = new SQSClient(world.cloud.client());
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: `${world.cloud.url}/${HUB.account}/Undelivered`,
        MessageAttributeNames: ["All"],
      }),
    );
    expect(Messages[0]?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: "ClientException" },
      TARGET_ARN: { StringValue: cluster },
    });
    await scheduler.send(new DeleteScheduleCommand({ Name: name }));
  });

  test("is listed among those of the stacks, and stays over a restart", async () => {
    await create({ State: "DISABLED" });
    const all: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await scheduler.send(new ListSchedulesCommand({ MaxResults: 1, NextToken }));
      expect(page.Schedules).toHaveLength(1);
      all.push(...(page.Schedules ?? []).map((one) => one.Name));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(all).toEqual([name, "tick"]);
    const { $metadata: _, ...before } = await get();
    await world.cloud.restart();
    scheduler = new SchedulerClient(world.cloud.client());
    expect(await get()).toMatchObject(before);
    const tick = await scheduler.send(new GetScheduleCommand({ Name: "tick" }));
    expect(tick.Target?.Arn).toContain("Order.fifo");
    await scheduler.send(new DeleteScheduleCommand({ Name: name }));
  });
});

describe("what is wrong is refused as Scheduler refuses it:", () => {
  const invalid = "ValidationException";
  test.each<[string, () => Partial<CreateScheduleCommandInput>, string]>([
    ["an expression that is none", () => ({ ScheduleExpression: "daily" }), invalid],
    [
      "a time zone that is none",
      () => ({ ScheduleExpression: "cron(0 9 ? * * *)", ScheduleExpressionTimezone: "Mars" }),
      invalid,
    ],
    ["a group that is not there", () => ({ GroupName: "mine" }), "ResourceNotFoundException"],
    ["a cluster without a task", () => ({ Target: { Arn: cluster, RoleArn: role("job-timer") } }), invalid],
    [
      "a role that does not trust it",
      () => ({ Target: { ...taskTarget(), RoleArn: role("stranger") } }),
      invalid,
    ],
    ["a role that is not there", () => ({ Target: { ...taskTarget(), RoleArn: role("none") } }), invalid],
    [
      "a target of another kind",
      () => ({ Target: { Arn: "arn:aws:sns:us-east-1:1:x", RoleArn: role("job-timer") } }),
      invalid,
    ],
    [
      "a flexible window",
      () => ({ FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 5 } }),
      invalid,
    ],
  ])("%s", async (_, more, error) => {
    await expect(create(more())).rejects.toMatchObject({ name: error });
    await expect(get()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("a second one of a name", async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: "ConflictException" });
  });

  test("a role that the caller may not pass", async () => {
    const limited = new SchedulerClient(world.cloud.client(HUB, "limited"));
    await expect(limited.send(new CreateScheduleCommand(input()))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("iam:PassRole"),
    });
  });
});

test("a reset forgets the schedules that calls made, and makes the others as the stacks say", async () => {
  await create();
  await scheduler.send(new DeleteScheduleCommand({ Name: "tick" }));
  await world.cloud.control("POST", "reset");
  const { Schedules } = await scheduler.send(new ListSchedulesCommand({}));
  expect(Schedules?.map((one) => one.Name)).toEqual(["tick"]);
});
