import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import {
  answersOf,
  clusterArn,
  definitionArn,
  type FakeAccount,
} from "../../../../test/support/aws-account.ts";
import { collectAll, WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { ecsUsageCollector } from "./usage-collector.ts";

type Size = {
  readonly clusters: number;
  readonly running: number;
  readonly stopped: number;
  readonly services: number;
  readonly revisions: number;
  readonly rules: number;
  readonly schedules: number;
};

const COUNTED = 5;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

function accountOf(size: Size): FakeAccount {
  const task = { definition: "web:1", containers: [{ image: "web:1", imageDigest: aDigest("web") }] };
  const start = { Arn: clusterArn("c-0"), EcsParameters: { TaskDefinitionArn: definitionArn("job:1") } };
  const families = numbers(size.clusters).flatMap((c) => numbers(size.services).map((s) => `web-${c}-${s}`));
  const cluster = (c: number) => ({
    tasks: [
      ...numbers(size.running).map(() => ({ status: "RUNNING" as const, ...task })),
      ...numbers(size.stopped).map(() => ({ status: "STOPPED" as const, ...task })),
    ],
    services: numbers(size.services).map((s) => ({
      name: `web-${c}-${s}`,
      definition: `web-${c}-${s}:${size.revisions}`,
    })),
  });
  return {
    clusters: Object.fromEntries(numbers(size.clusters).map((c) => [`c-${c}`, cluster(c)])),
    definitions: {
      "job:1": ["job:1"],
      ...Object.fromEntries(
        families.flatMap((family) => numbers(size.revisions).map((r) => [`${family}:${r + 1}`, ["web:1"]])),
      ),
    },
    rules: { default: Object.fromEntries(numbers(size.rules).map((r) => [`rule-${r}`, [start]])) },
    schedules: Object.fromEntries(numbers(size.schedules).map((s) => [`default/s-${s}`, start])),
  };
}

const pages = (count: number, size: number) => Math.ceil(count / size);
/** A list that is empty is asked for all the same. */
const lists = (count: number, size: number) => Math.max(1, pages(count, size));

function callsOf({ clusters, running, stopped, services, revisions, rules, schedules }: Size) {
  const families = clusters * services;
  const job = rules + schedules > 0 ? 1 : 0;
  return {
    "ecs:ListClusters": lists(clusters, 100),
    "ecs:ListTasks": clusters * (lists(running, 100) + lists(stopped, 100)),
    "ecs:DescribeTasks": clusters * (pages(running, 100) + pages(stopped, 100)),
    "ecs:ListServices": clusters * lists(services, 10),
    "ecs:DescribeServices": clusters * pages(services, 10),
    "ecs:ListTaskDefinitions": families,
    "ecs:DescribeTaskDefinition": families * Math.min(COUNTED, revisions) + job,
    "events:ListEventBuses": 1,
    "events:ListRules": lists(rules, 25),
    "events:ListTargetsByRule": rules,
    "scheduler:ListSchedules": lists(schedules, 100),
    "scheduler:GetSchedule": schedules,
  };
}

const ONE: Size = {
  clusters: 1,
  running: 1,
  stopped: 1,
  services: 1,
  revisions: 1,
  rules: 1,
  schedules: 1,
};
const NONE: Size = { ...ONE, clusters: 0, rules: 0, schedules: 0 };

test.each<[string, Size]>([
  ["nothing", NONE],
  ["one of each", ONE],
  ["full pages", { ...ONE, running: 100, stopped: 100, services: 10, rules: 25, schedules: 100 }],
  ["one more than a page", { ...ONE, running: 101, stopped: 101, services: 11, rules: 26, schedules: 101 }],
  ["more revisions than count", { ...ONE, revisions: 12 }],
  ["many clusters", { ...NONE, clusters: 101, running: 0, stopped: 0, services: 0 }],
  ["much of all", { ...ONE, clusters: 5, running: 150, services: 12, rules: 30, schedules: 30 }],
])("%s costs exactly the calls that its size says", async (_, size) => {
  const wire = await wired(answersOf(accountOf(size)));
  const collector = ecsUsageCollector(WIRE_CLIENTS);
  await collectAll(() => collector, { revisions: COUNTED });
  const called = Object.entries(callsOf(size)).filter(([, count]) => count > 0);
  expect(wire.counts()).toEqual(Object.fromEntries(called));
});

test("the calls of one page are bounded, however large the fleet is", async () => {
  const size = { ...ONE, clusters: 2, running: 150, services: 11, revisions: 9, rules: 30, schedules: 120 };
  const wire = await wired(answersOf(accountOf(size)));
  const collector = ecsUsageCollector(WIRE_CLIENTS);
  let next: string | undefined;
  do {
    const before = wire.calls.length;
    next = (await collector.collect({ account: "111122223333", region: "us-east-1" }, { revisions: 5 }, next))
      .next;
    expect(wire.calls.length - before).toBeLessThanOrEqual(102);
    expect(next?.length ?? 0).toBeLessThan(10_000);
  } while (next !== undefined);
});

test("twenty accounts cost twenty times the calls of one, asked with each account's own credentials", async () => {
  const wire = await wired(answersOf(accountOf(ONE)));
  const collector = ecsUsageCollector(WIRE_CLIENTS);
  const accounts = numbers(20).map((i) => String(100_000_000_000 + i));
  for (const account of accounts)
    await collectAll(() => collector, { at: { account, region: "us-east-1" }, revisions: COUNTED });
  const each = Object.entries(callsOf(ONE)).map(([action, count]) => [action, 20 * count]);
  expect(wire.counts()).toEqual(Object.fromEntries(each));
  const perAccount = Map.groupBy(wire.calls, (call) => call.account);
  expect([...perAccount.keys()].toSorted()).toEqual(accounts);
  expect(new Set([...perAccount.values()].map((calls) => calls.length)).size).toBe(1);
});
