import { UsageItem } from "@tallyman/domain/usage/evidence";
import { describe, expect, test } from "vitest";
import { answersOf, clusterArn, definitionArn } from "../../../../test/support/aws-account.ts";
import { collected, HOST, open, PLACE } from "../../../../test/support/collect-ecs.ts";
import { collectAll, wired } from "../../../../test/support/collecting.ts";

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

  test("that are deleted since they were listed start nothing", async () => {
    const answers = answersOf({ definitions });
    await wired({
      ...answers,
      "events:ListRules": () => ({ body: { Rules: [{ Name: "ghost" }] } }),
      "scheduler:ListSchedules": () => ({
        body: { Schedules: [{ Name: "ghost", GroupName: "default", Target: { Arn: clusterArn("prod") } }] },
      }),
    });
    expect((await collectAll(open)).items).toEqual([]);
  });

  test("with names longer than a use's may be are cut to fit", async () => {
    const bus = "b".repeat(250);
    const { items } = await collected({
      definitions,
      rules: { [bus]: { ["r".repeat(64)]: [starting("job:1")] } },
    });
    expect(items.map(({ service }) => service)).toEqual([`rule/${bus}/`]);
    expect(UsageItem.safeParse(items[0]).success).toBe(true);
  });

  test("of task definitions that were deleted start nothing, and are no error", async () => {
    const { items } = await collected({ rules: { default: { stale: [starting("gone:3")] } } });
    expect(items).toEqual([]);
  });
});
