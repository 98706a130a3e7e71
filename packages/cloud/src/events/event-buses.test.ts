import { afterEach, describe, expect, test } from "vitest";
import { type MessagingWorld, messagingWorld, remote } from "../testing/messaging-world.ts";

const forwardRole = "arn:aws:iam::444455556666:role/forward";
const workQueue = "arn:aws:sqs:us-east-1:111122223333:Work";
const undelivered = "arn:aws:sqs:us-east-1:111122223333:Undelivered";
const centralBus = "arn:aws:events:us-east-1:111122223333:event-bus/central";

describe("event buses", () => {
  let world: MessagingWorld;
  afterEach(() => world.stop());

  test("carry an event from a member account's default bus over the hub's bus into a queue, as it is", () => {
    world = messagingWorld();
    world.put({ id: "e-1", detail: { name: "y" } });
    const [message] = world.messages("Work");
    expect(JSON.parse(message?.body ?? "")).toMatchObject({
      id: "e-1",
      ...remote,
      source: "demo.app",
      detail: { name: "y" },
    });
    expect(message?.senderId).toBe("events.amazonaws.com");
    expect(world.core.denials.list()).toEqual([]);
  });

  test("leave alone what no rule matches", () => {
    world = messagingWorld();
    world.put({ source: "other.app" });
    expect(world.messages("Work")).toEqual([]);
  });

  test("deliver nothing through a rule that is gone or disabled", () => {
    world = messagingWorld(({ member }) => {
      const rule = member.resources["aws:cloudwatch/eventRule:EventRule"]?.["Relay"];
      if (rule) rule["state"] = "DISABLED";
    });
    world.put({});
    expect(world.messages("Work")).toEqual([]);
  });

  test.each([
    [["Relay", "Work"], 1],
    [["Relay"], 0],
    [["Work"], 0],
  ])("carry what only reads where the rules of every bus on its way ask for it: %j", (asking, arrived) => {
    world = messagingWorld(({ hub, member }) => {
      for (const { resources } of [hub, member])
        for (const [name, rule] of Object.entries(resources["aws:cloudwatch/eventRule:EventRule"] ?? {}))
          if (asking.includes(name)) rule["state"] = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    });
    world.put({}, remote, { readOnly: true });
    expect(world.messages("Work")).toHaveLength(arrived);
    world.put({});
    expect(world.messages("Work")).toHaveLength(arrived + 1);
  });

  test.each([
    [
      "the role does not trust EventBridge",
      (w: MessagingWorld) =>
        swapRole(w, {
          assumeRolePolicy: statement({
            Effect: "Allow",
            Principal: { Service: "lambda.amazonaws.com" },
            Action: "sts:AssumeRole",
          }),
        }),
    ],
    ["the role may not put events", (w: MessagingWorld) => swapRole(w, { inlinePolicies: [] })],
    [
      "the bus does not let the account in",
      (w: MessagingWorld) => w.core.policies.set(centralBus, undefined),
    ],
  ])("dead-letter an event at its source when %s, and list the refusal", (_name, change) => {
    world = messagingWorld();
    change(world);
    world.put({});
    expect(world.messages("Work")).toEqual([]);
    const [letter] = world.messages("RelayUndelivered", remote);
    expect(letter?.attributes).toMatchObject({
      ERROR_CODE: { StringValue: "NO_PERMISSIONS" },
      RULE_ARN: { StringValue: "arn:aws:events:us-east-1:444455556666:rule/Relay" },
    });
    expect(world.core.denials.list()).toHaveLength(1);
  });

  test("dead-letter what the queue's policy refuses, without trying again", () => {
    world = messagingWorld();
    world.core.policies.set(workQueue, undefined);
    world.put({});
    expect(world.messages("Undelivered")).toHaveLength(1);
    expect(world.messaging.buses.pending()).toBe(0);
  });

  test("say so when an event reaches neither target nor dead-letter queue", () => {
    world = messagingWorld();
    world.core.policies.set(workQueue, undefined);
    world.core.policies.set(undelivered, undefined);
    world.put({});
    expect(world.lines.map((line) => line.source)).toContain("event lost");
  });

  test("let no other rule send into a queue whose policy names one", () => {
    world = messagingWorld(({ hub }) => {
      const rules = hub.resources["aws:cloudwatch/eventRule:EventRule"] ?? {};
      const targets = hub.resources["aws:cloudwatch/eventTarget:EventTarget"] ?? {};
      rules["Intruder"] = { ...rules["Work"], name: "Intruder" };
      targets["Intruder"] = { ...targets["Work"], rule: "Intruder" };
    });
    world.put({});
    expect(world.messages("Work")).toHaveLength(1);
  });

  test("try a throttled target again by the cloud's clock", () => {
    world = messagingWorld();
    world.core.faults.set({
      ...world.core.faults.show(),
      operations: { "sqs:SendMessage": { rate: 1, status: 429, code: "Throttling", times: 2 } },
    });
    world.put({});
    expect(world.messages("Work")).toEqual([]);
    expect(world.messaging.buses.pending()).toBe(1);
    world.advance(1);
    world.advance(2);
    expect(world.messages("Work")).toHaveLength(1);
    expect(world.messaging.buses.pending()).toBe(0);
  });

  test("give up after the retry policy's attempts and say how many there were", () => {
    world = messagingWorld();
    world.core.faults.set({
      ...world.core.faults.show(),
      operations: { "sqs:SendMessage": { rate: 1, status: 503, code: "Unavailable", times: 3 } },
    });
    world.put({});
    for (const seconds of [1, 2, 4]) world.advance(seconds);
    const [letter] = world.messages("Undelivered");
    expect(letter?.attributes).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumRetryAttempts" },
      RETRY_ATTEMPTS: { StringValue: "2" },
    });
  });
});

describe("registry events", () => {
  let world: MessagingWorld;
  afterEach(() => world.stop());

  const emitted = {
    ...remote,
    detailType: "Demo",
    time: new Date("2026-11-21T00:00:00.900Z"),
    resources: [],
    detail: { "action-type": "PUSH" },
  };
  /** The small stacks forward `demo.app` only. */
  const listening = () =>
    messagingWorld(({ hub, member }) => {
      for (const { resources } of [hub, member])
        for (const rule of Object.values(resources["aws:cloudwatch/eventRule:EventRule"] ?? {}))
          rule["eventPattern"] = { source: ["aws.ecr"] };
    });
  const faulty = (events: object) =>
    world.core.faults.set({
      ...world.core.faults.show(),
      events: { drop: 0, duplicate: 0, delay: 0, delayMs: 5000, ...events },
    });

  test("enter at the default bus of their registry in EventBridge's envelope", () => {
    world = listening();
    world.messaging.registryEvents.publish(emitted);
    expect(JSON.parse(world.messages("Work")[0]?.body ?? "")).toMatchObject({
      version: "0",
      source: "aws.ecr",
      time: "2026-11-21T00:00:00Z",
      ...remote,
    });
  });

  test("can be dropped", () => {
    world = listening();
    faulty({ drop: 1 });
    world.messaging.registryEvents.publish(emitted);
    expect(world.messages("Work")).toEqual([]);
  });

  test("can come twice, with one id", () => {
    world = listening();
    faulty({ duplicate: 1 });
    world.messaging.registryEvents.publish(emitted);
    const ids = world.messages("Work").map((message) => JSON.parse(message.body).id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test("can come late", () => {
    world = listening();
    faulty({ delay: 1, delayMs: 5000 });
    world.messaging.registryEvents.publish(emitted);
    expect(world.messages("Work")).toEqual([]);
    expect(world.messaging.registryEvents.pending()).toBe(1);
    world.advance(5);
    expect(world.messages("Work")).toHaveLength(1);
  });
});

function statement(...Statement: object[]) {
  return { Version: "2012-10-17", Statement };
}

function swapRole({ core }: MessagingWorld, change: object): void {
  const declared = core.roles.find((role) => role.name === "forward" && role.account === remote.account);
  if (!declared) throw new Error(`no role ${forwardRole}`);
  core.identity.replaceRole({ ...declared, ...change });
}
