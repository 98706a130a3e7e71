import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { HUB } from "../../../../test/builders/registry.ts";
import {
  answersOf,
  clusterArn,
  definitionArn,
  type FakeAccount,
} from "../../../../test/support/aws-account.ts";
import { refusal } from "../../../../test/support/aws-wire.ts";
import { open, WEB } from "../../../../test/support/collect-ecs.ts";
import { collectAll, wired } from "../../../../test/support/collecting.ts";
import { UnreadableCursorError } from "../usage/cursor.ts";

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
