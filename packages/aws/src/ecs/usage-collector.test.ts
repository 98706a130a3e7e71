import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { UsageItem } from "@tallyman/domain/usage/evidence";
import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { HUB } from "../../../../test/builders/registry.ts";
import {
  answersOf,
  clusterArn,
  definitionArn,
  type FakeAccount,
} from "../../../../test/support/aws-account.ts";
import { refusal } from "../../../../test/support/aws-wire.ts";
import { collectAll, WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { UnreadableCursorError } from "../usage/cursor.ts";
import { ecsUsageCollector } from "./usage-collector.ts";

const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const WEB = `${HOST}/prod/web`;
const PLACE = { account: HUB.account, region: HUB.region };
const open = () => ecsUsageCollector(WIRE_CLIENTS);

async function collected(account: FakeAccount, options?: { readonly revisions?: number }) {
  const wire = await wired(answersOf(account));
  const found = await collectAll(open, options);
  return { ...found, counts: wire.counts(), wire };
}

describe("tasks", () => {
  test("that run and that stopped are used by what started them, each container by name and digest", async () => {
    const stoppedAt = Date.parse("2026-11-22T06:00:00.000Z") / 1000;
    const containers = [{ image: `${WEB}:1.4.2`, imageDigest: aDigest("web") }];
    const { items } = await collected({
      clusters: {
        prod: {
          tasks: [
            { status: "RUNNING", group: "service:web", definition: "web:7", containers },
            { status: "STOPPED", group: "family:job", definition: "job:2", stoppedAt, containers },
            { status: "STOPPING", group: "nightly batch #1", definition: "job:2", containers },
            { status: "RUNNING", definition: "job:2", containers: [{ image: `${WEB}:2` }] },
          ],
        },
      },
    });
    const seen = { image: `${WEB}:1.4.2`, digest: aDigest("web"), ...PLACE, cluster: "prod" };
    expect(items).toEqual([
      { ...seen, kind: "running", service: "service/web" },
      {
        image: `${WEB}:2`,
        kind: "running",
        ...PLACE,
        cluster: "prod",
        service: "task-definition-family/job",
      },
      {
        ...seen,
        kind: "stopped",
        service: "task-definition-family/job",
        seenAt: "2026-11-22T06:00:00.000Z",
      },
      { ...seen, kind: "running", service: "task-group/nightly batch _1" },
    ]);
    for (const item of items) expect(UsageItem.parse(item)).toEqual(item);
  });

  test("have containers of ECS's own, without an image's name, and digests of other registries, which are left out", async () => {
    const { items } = await collected({
      clusters: {
        prod: {
          tasks: [
            {
              status: "RUNNING",
              definition: "web:7",
              containers: [
                { imageDigest: aDigest("agent") },
                { image: "docker.io/library/nginx:1", imageDigest: "sha512:beef" },
              ],
            },
          ],
        },
      },
    });
    expect(items).toMatchObject([{ image: "docker.io/library/nginx:1" }]);
    expect(items[0]).not.toHaveProperty("digest");
  });

  test("that ECS forgot since it listed them are none; of which it may not speak are an error", async () => {
    const answers = answersOf({
      clusters: { prod: { tasks: [{ status: "RUNNING", definition: "web:7", containers: [] }] } },
    });
    const failing = (reason: string) => ({
      ...answers,
      "ecs:DescribeTasks": () => ({ body: { tasks: [], failures: [{ arn: "x", reason }] } }),
    });
    await wired(failing("MISSING"));
    expect((await collectAll(open)).items).toEqual([]);
    await wired(failing("ACCESS_DENIED"));
    await expect(collectAll(open)).rejects.toThrow(/ecs:DescribeTasks got no usable answer .*ACCESS_DENIED/);
  });
});

describe("services", () => {
  const definitions = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`web:${i + 1}`, [`${WEB}:${i + 1}`, `${HOST}/prod/proxy:1`]]),
  );
  const templates = (items: readonly { image: string; service: string }[]) =>
    items.map(({ image, service }) => `${service} ${image.replace(`${HOST}/`, "")}`);

  test("name what each of their deployments and task sets starts, also while nothing of them runs", async () => {
    const { items } = await collected(
      {
        clusters: {
          prod: {
            services: [
              { name: "web", definition: "web:5", deployments: ["web:5", "web:4"], taskSets: ["web:3"] },
            ],
          },
        },
        definitions,
      },
      { revisions: 0 },
    );
    expect(templates(items)).toEqual([
      "service/web prod/web:5",
      "service/web prod/proxy:1",
      "service/web prod/web:4",
      "service/web prod/proxy:1",
      "service/web prod/web:3",
      "service/web prod/proxy:1",
    ]);
    expect(items[0]).toEqual({
      image: `${WEB}:5`,
      kind: "template",
      ...PLACE,
      cluster: "prod",
      service: "service/web",
    });
  });

  test("can be rolled back to the last active revisions of their family, however many there are", async () => {
    const { items } = await collected(
      {
        clusters: { prod: { services: [{ name: "web", definition: "web:2" }] } },
        definitions: { ...definitions, "web-2:1": ["other"] },
        inactive: ["web:8"],
      },
      { revisions: 3 },
    );
    const rollbacks = items.filter(({ service }) => service.startsWith("task-definition/"));
    expect(templates(rollbacks).filter((it) => it.includes("prod/web"))).toEqual([
      "task-definition/web:9 prod/web:9",
      "task-definition/web:7 prod/web:7",
      "task-definition/web:6 prod/web:6",
    ]);
    expect(rollbacks[0]).toEqual({
      image: `${WEB}:9`,
      kind: "template",
      ...PLACE,
      service: "task-definition/web:9",
    });
  });

  test("that ECS deleted since it listed them are none; of which it may not speak are an error", async () => {
    const answers = answersOf({ clusters: { prod: { services: [{ name: "web", definition: "web:1" }] } } });
    const failing = (reason: string) => ({
      ...answers,
      "ecs:DescribeServices": () => ({ body: { services: [], failures: [{ arn: "x", reason }] } }),
    });
    await wired(failing("MISSING"));
    expect((await collectAll(open)).items).toEqual([]);
    await wired(failing("ACCESS_DENIED"));
    await expect(collectAll(open)).rejects.toThrow(
      /ecs:DescribeServices got no usable answer .*ACCESS_DENIED/,
    );
  });

  test.each([
    [`${WEB}:5`, WEB],
    [`${WEB}@${aDigest("old")}`, WEB],
    [`${WEB}:5@${aDigest("old")}`, WEB],
    ["localhost:4510/prod/web", "localhost:4510/prod/web"],
    ["localhost:4510/prod/web:5", "localhost:4510/prod/web"],
  ])("that name %s are pinned to what ECS resolved, in its repository", async (image, repository) => {
    const resolved = [{ image, imageDigest: aDigest("five") }];
    const services = [{ name: "web", definition: "gone:1", resolved }];
    const { items } = await collected({ clusters: { prod: { services } } }, { revisions: 0 });
    expect(items.map((item) => item.image)).toEqual([`${repository}@${aDigest("five")}`]);
  });

  test("keep the digest that their deployment began with, whatever runs and wherever the tag is", async () => {
    const resolved = [{ image: `${WEB}:5`, imageDigest: aDigest("five") }];
    const { items } = await collected(
      { clusters: { prod: { services: [{ name: "web", definition: "gone:1", resolved }] } } },
      { revisions: 0 },
    );
    expect(items).toEqual([
      {
        image: `${WEB}@${aDigest("five")}`,
        digest: aDigest("five"),
        kind: "template",
        ...PLACE,
        cluster: "prod",
        service: "service/web",
      },
    ]);
  });
});

describe("timers", () => {
  const definitions = { "job:1": [`${HOST}/prod/job:1`], "job:2": [`${HOST}/prod/job:2`] };
  const starting = (definition: string) => ({
    Arn: clusterArn("prod"),
    EcsParameters: { TaskDefinitionArn: definitionArn(definition) },
  });
  const runTask = (input: unknown) => ({
    Arn: "arn:aws:scheduler:::aws-sdk:ecs:runTask",
    Input: typeof input === "string" ? input : JSON.stringify(input),
  });

  test("start tasks: rules of every bus, schedules of every group, those that call RunTask by themselves too", async () => {
    const { items, counts } = await collected({
      definitions,
      rules: {
        default: { nightly: [starting("job:1")], other: [{ Arn: "arn:aws:sqs:us-east-1:1:q" }] },
        "team/bus": { pushed: [{ Arn: "arn:aws:sqs:us-east-1:1:q" }, starting("job")] },
      },
      schedules: {
        "default/hourly": starting("job:1"),
        "team/own": runTask({ Cluster: clusterArn("batch"), TaskDefinition: "job:2" }),
        "team/default-cluster": runTask({ TaskDefinition: definitionArn("job:2") }),
        "team/broken": runTask("{"),
        "team/queue": { Arn: "arn:aws:sqs:us-east-1:1:q" },
      },
    });
    const image = (tag: number) => `${HOST}/prod/job:${tag}`;
    const scheduled = { kind: "scheduled", ...PLACE };
    expect(items).toEqual([
      { image: image(1), ...scheduled, cluster: "prod", service: "rule/default/nightly" },
      { image: image(2), ...scheduled, cluster: "prod", service: "rule/team/bus/pushed" },
      { image: image(1), ...scheduled, cluster: "prod", service: "schedule/default/hourly" },
      { image: image(2), ...scheduled, cluster: "batch", service: "schedule/team/own" },
      { image: image(2), ...scheduled, cluster: "default", service: "schedule/team/default-cluster" },
    ]);
    expect(counts["scheduler:GetSchedule"]).toBe(4);
    for (const item of items) expect(UsageItem.parse(item)).toEqual(item);
  });

  test("are looked for on every page of buses, rules, targets and schedules", async () => {
    const start = starting("job:1");
    const many = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);
    const each = <T>(names: readonly string[], value: T) =>
      Object.fromEntries(names.map((name) => [name, value]));
    const { items, counts } = await collected({
      definitions,
      rules: {
        ...each(many(101, "bus-"), {}),
        last: { ...each(many(25, "rule-"), []), final: Array.from({ length: 101 }, () => start) },
      },
      schedules: {
        ...each(many(100, "default/s-"), { Arn: "arn:aws:sqs:us-east-1:1:q" }),
        "team/last": start,
      },
    });
    expect(items.filter(({ service }) => service === "rule/last/final")).toHaveLength(101);
    expect(items.filter(({ service }) => service === "schedule/team/last")).toHaveLength(1);
    expect(counts).toMatchObject({
      "events:ListEventBuses": 2,
      "events:ListRules": 101 + 2,
      "events:ListTargetsByRule": 25 + 2,
      "scheduler:ListSchedules": 2,
      "scheduler:GetSchedule": 1,
    });
  });

  test("of task definitions that were deleted start nothing, and are no error", async () => {
    const { items } = await collected({ rules: { default: { stale: [starting("gone:3")] } } });
    expect(items).toEqual([]);
  });
});

test.each([
  ["ecs:ListClusters", "AccessDeniedException", "may not ecs:ListClusters in 111122223333/us-east-1"],
  ["ecs:ListTasks", "AccessDeniedException", "may not ecs:ListTasks"],
  ["ecs:DescribeTasks", "AccessDeniedException", "may not ecs:DescribeTasks"],
  ["ecs:ListServices", "AccessDeniedException", "may not ecs:ListServices"],
  ["ecs:DescribeServices", "AccessDeniedException", "may not ecs:DescribeServices"],
  ["ecs:DescribeServiceRevisions", "AccessDeniedException", "may not ecs:DescribeServiceRevisions"],
  ["ecs:ListTaskDefinitions", "AccessDeniedException", "may not ecs:ListTaskDefinitions"],
  ["ecs:DescribeTaskDefinition", "AccessDeniedException", "may not ecs:DescribeTaskDefinition"],
  ["events:ListEventBuses", "AccessDeniedException", "may not events:ListEventBuses"],
  ["events:ListRules", "AccessDeniedException", "may not events:ListRules"],
  ["events:ListTargetsByRule", "AccessDeniedException", "may not events:ListTargetsByRule"],
  ["scheduler:ListSchedules", "AccessDeniedException", "may not scheduler:ListSchedules"],
  ["scheduler:GetSchedule", "AccessDeniedException", "may not scheduler:GetSchedule"],
  ["ecs:ListTasks", "InvalidParameterException", "ecs:ListTasks got no usable answer"],
  ["events:ListRules", "InternalException", "events:ListRules got no usable answer"],
])("%s that is answered %s is an error that says so, never an end", async (action, code, message) => {
  const start = { Arn: clusterArn("prod"), EcsParameters: { TaskDefinitionArn: definitionArn("web:1") } };
  const resolved = [{ image: WEB, imageDigest: aDigest("a") }];
  const account: FakeAccount = {
    clusters: {
      prod: {
        tasks: [{ status: "RUNNING", definition: "web:1", containers: [] }],
        services: [{ name: "web", definition: "web:1", resolved }],
      },
    },
    definitions: { "web:1": [WEB] },
    rules: { default: { rule: [start] } },
    schedules: { "default/hourly": start },
  };
  await wired({ ...answersOf(account), [action]: () => refusal(code) });
  const failed = collectAll(open);
  await expect(failed).rejects.toThrow(UsageUnavailableError);
  await expect(failed).rejects.toThrow(message);
});

test.each<[string, object]>([
  ["ecs:ListClusters", {}],
  ["ecs:ListTasks", { nextToken: "1" }],
  ["ecs:DescribeTasks", { tasks: [{ lastStatus: "RUNNING" }] }],
  ["events:ListRules", {}],
  ["scheduler:ListSchedules", { Schedules: [{ Name: "x" }] }],
])("%s with an answer that nobody documented is an error, never an end", async (action, body) => {
  const tasks = [{ status: "RUNNING", definition: "web:1", containers: [] }] as const;
  await wired({ ...answersOf({ clusters: { prod: { tasks } } }), [action]: () => ({ body }) });
  await expect(collectAll(open)).rejects.toThrow(/not the documented one/);
});

test("a cluster that is deleted meanwhile is left out, and the next one is not", async () => {
  const tasks = [{ status: "RUNNING", definition: "web:1", containers: [{ image: WEB }] }] as const;
  const answers = answersOf({ clusters: { one: { tasks }, two: { tasks } } });
  const both = ["one", "gone", "two"].map((name) => clusterArn(name));
  await wired({ ...answers, "ecs:ListClusters": () => ({ body: { clusterArns: both } }) });
  const { items } = await collectAll(open);
  expect(items.map(({ cluster }) => cluster)).toEqual(["one", "two"]);
});

test("a place to go on that another version wrote is an error", async () => {
  await expect(open().collect(HUB, { revisions: 5 }, '{"step":"clusters2"}')).rejects.toThrow(
    UnreadableCursorError,
  );
});
