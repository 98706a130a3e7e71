import { Policy } from "@tallyman/domain/policy/policy";
import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { imageUri } from "../../test/builders/usage.ts";
import { memoryUsage } from "../../test/fakes/memory-usage.ts";
import { recordedTelemetry } from "../../test/fakes/recorded-telemetry.ts";
import { createHandler } from "./handler.ts";

const DIGEST = aDigest("web");

function setUp() {
  const usage = memoryUsage();
  const telemetry = recordedTelemetry();
  const clock = { now: new Date("2026-11-22T08:00:10.000Z") };
  const handler = createHandler({
    ...usage,
    telemetry,
    policy: { currentPolicy: async () => Policy.parse({ version: 1 }) },
    declared: { declaredRegistries: async () => [HUB] },
    now: () => clock.now,
  });
  const deliver = async (...bodies: readonly unknown[]) => {
    const answer = await handler(anSqsEvent(...bodies.map((body) => ({ body }))), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { usage, telemetry, clock, deliver };
}

/** As in https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
function anEvent(detail: object = {}, envelope: object = {}) {
  const arn = (resource: string) => `arn:aws:ecs:us-east-1:111122223333:${resource}`;
  return {
    version: "0",
    id: "3317b2af-7005-947d-b652-f55e762e571a",
    "detail-type": "ECS Task State Change",
    source: "aws.ecs",
    account: HUB.account,
    time: "2026-11-22T08:00:00Z",
    region: HUB.region,
    resources: [arn("task/prod/b99d40b3")],
    detail: {
      clusterArn: arn("cluster/prod"),
      taskArn: arn("task/prod/b99d40b3"),
      taskDefinitionArn: arn("task-definition/web:7"),
      group: "service:web",
      lastStatus: "RUNNING",
      desiredStatus: "RUNNING",
      version: 3,
      containers: [
        { name: "web", image: imageUri("team/app", ":1"), imageDigest: DIGEST, lastStatus: "RUNNING" },
      ],
      ...detail,
    },
    ...envelope,
  };
}

let it: ReturnType<typeof setUp>;
beforeEach(() => {
  it = setUp();
});

test("a task that runs is a use of its image by its service", async () => {
  expect(await it.deliver(anEvent())).toEqual([]);
  expect(it.usage.uses()).toMatchObject([
    {
      subject: { digest: DIGEST },
      source: "ecs-events",
      account: HUB.account,
      cluster: "prod",
      service: "service/web",
      kinds: ["running"],
      seenAt: "2026-11-22T08:00:00.000Z",
    },
  ]);
});

test("ten thousand tasks of a service within the hour are written at most twice", async () => {
  for (let n = 0; n < 1000; n++) {
    const time = new Date(Date.parse("2026-11-22T08:00:00.000Z") + n * 3600);
    it.clock.now = time;
    const events = Array.from({ length: 10 }, () => anEvent({}, { time: time.toISOString() }));
    expect(await it.deliver(...events)).toEqual([]);
  }
  expect(it.usage.journal.writes.length).toBeLessThanOrEqual(2);
  expect(it.usage.journal.writes.length).toBeGreaterThan(0);
});

test.each([
  ["family:web", "task-definition-family/web"],
  [undefined, "task-definition-family/web"],
  ["service:", "task-definition-family/web"],
  ["service:web#1", "task-definition-family/web"],
  ["whatever RunTask was told", "task-definition-family/web"],
  ["service:api", "service/api"],
])("what started it is read from the group %j: %s", async (group, service) => {
  await it.deliver(anEvent({ group }));
  expect(it.usage.uses()).toMatchObject([{ service }]);
});

test.each([
  ["whose digest the agent does not know yet", { containers: [{ image: imageUri("team/app", ":1") }] }],
  ["whose digest is none", { containers: [{ image: imageUri("team/app", ":1"), imageDigest: "sha256:" }] }],
  ["of images that are none of ECR's", { containers: [{ image: "nginx:1", imageDigest: DIGEST }] }],
  ["without containers", { containers: [] }],
])("a task %s is no use of anything, and no failure", async (_, detail) => {
  expect(await it.deliver(anEvent(detail))).toEqual([]);
  expect(it.usage.uses()).toEqual([]);
});

test.each([
  ["from an account that is not declared", anEvent({}, { account: "999988887777" })],
  ["of another source", anEvent({}, { source: "aws.ecr" })],
  ["of a task that is only pending", anEvent({ lastStatus: "PENDING" })],
  ["without a time", anEvent({}, { time: "now" })],
  ["of a cluster that is no ARN", anEvent({ clusterArn: "prod" })],
  ["that is no event", "{"],
])("an event %s comes back alone and writes nothing of its own", async (_, body) => {
  expect(await it.deliver(anEvent(), body)).toEqual(["message-2"]);
  expect(it.usage.uses()).toHaveLength(1);
});
