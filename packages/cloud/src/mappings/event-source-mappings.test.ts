import { afterEach, describe, expect, test } from "vitest";
import type { FunctionRuntime, InvocationResult } from "../lambda/function-runtime.ts";
import type { MessageDraft } from "../queues/message.ts";
import { type MessagingWorld, messagingWorld } from "../testing/messaging-world.ts";
import { createMappings, type EventSourceMappings } from "./event-source-mappings.ts";
import type { Mapping } from "./mapping.ts";

type Records = { readonly Records: readonly { readonly messageId: string; readonly body: string }[] };
type Answer = (event: Records) => InvocationResult | Promise<InvocationResult>;

const done: InvocationResult = { ok: true, payload: { batchItemFailures: [] } };
const functionArn = "arn:aws:lambda:us-east-1:111122223333:function:Worker";
const roleArn = "arn:aws:iam::111122223333:role/worker";

/** A role that Lambda may assume, allowed to do these on any queue. */
const workerRole = (actions: readonly string[]) => ({
  account: "111122223333",
  name: "worker",
  assumeRolePolicy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  },
  inlinePolicies: [
    {
      name: "queues",
      policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] },
    },
  ],
});
const needed = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

describe("an event source mapping", () => {
  let world: MessagingWorld;
  let mappings: EventSourceMappings | undefined;
  let events: Records[];

  afterEach(async () => {
    await mappings?.stop();
    mappings = undefined;
    world.stop();
  });

  function start(answer: Answer, mapping: Partial<Mapping> = {}, { actions = needed, timeout = 10 } = {}) {
    world = messagingWorld();
    world.core.identity.replaceRole(workerRole(actions));
    events = [];
    const runtime: FunctionRuntime = {
      async invoke(_arn, payload) {
        events.push(payload as Records);
        return await answer(payload as Records);
      },
    };
    const { timers, authorizer, assumeServiceRole, policies } = world.core;
    mappings = createMappings([{ ...aMapping, ...mapping }], {
      queues: world.messaging.queues,
      runtime,
      timers,
      authorize: authorizer.authorize,
      assumeServiceRole,
      queuePolicies: policies.of,
      workersPerFunction: 4,
      timeoutOf: (arn) => (arn === functionArn ? timeout : undefined),
    });
    mappings.start();
  }

  const aMapping: Mapping = {
    name: "Work",
    queueArn: "arn:aws:sqs:us-east-1:111122223333:Work",
    functionArn,
    functionName: "Worker",
    roleArn,
    region: "us-east-1",
    batchSize: 10,
    batchingWindow: 0,
    reportsItemFailures: true,
    maximumConcurrency: 2,
  };
  const send = (body: string, draft: Partial<MessageDraft> = {}, queue = "Work") =>
    world.messaging.queues
      .find(`arn:aws:sqs:us-east-1:111122223333:${queue}`)
      ?.send({ body, senderId: "s", ...draft });
  const bodies = () => events.map((event) => event.Records.map((record) => record.body));
  const settled = () => expect.poll(() => mappings?.busy());

  test("hands a batch to the function in Lambda's shape and deletes what succeeded", async () => {
    start(() => done);
    const sent = send("a", { attributes: { k: { DataType: "String", StringValue: "v" } } });
    await expect.poll(() => world.messages("Work")).toEqual([]);
    expect(events[0]?.Records[0]).toMatchObject({
      messageId: sent?.id,
      body: "a",
      eventSource: "aws:sqs",
      eventSourceARN: aMapping.queueArn,
      awsRegion: "us-east-1",
      md5OfBody: "0cc175b9c0f1b6a831c399e269772661",
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: { k: { stringValue: "v", dataType: "String" } },
    });
  });

  test("keeps exactly the messages that the function names, until their visibility timeout ends", async () => {
    const failing = new Set(["b"]);
    start(({ Records }) => ({
      ok: true,
      payload: {
        batchItemFailures: Records.filter((record) => failing.has(record.body)).map(({ messageId }) => ({
          itemIdentifier: messageId,
        })),
      },
    }));
    for (const body of ["a", "b", "c"]) send(body);
    await expect.poll(() => world.messages("Work").map((message) => message.body)).toEqual(["b"]);
    const before = events.length;
    failing.clear();
    world.advance(59);
    expect(events).toHaveLength(before);
    world.advance(1);
    await expect.poll(() => world.messages("Work")).toEqual([]);
    expect(bodies().at(-1)).toEqual(["b"]);
  });

  test.each<[string, InvocationResult]>([
    ["an error", { ok: false, errorType: "Error", message: "boom" }],
    ["a timeout", { ok: false, errorType: "Sandbox.Timedout", message: "timed out" }],
    ["an empty identifier", { ok: true, payload: { batchItemFailures: [{ itemIdentifier: "" }] } }],
    ["an unknown identifier", { ok: true, payload: { batchItemFailures: [{ itemIdentifier: "x" }] } }],
    ["a wrong key", { ok: true, payload: { batchItemFailures: [{ id: "x" }] } }],
    ["text", { ok: true, payload: "done" }],
  ])("fails the whole batch on %s", async (_name, result) => {
    start(() => result);
    send("a");
    await expect.poll(() => events.length).toBe(1);
    await settled().toBe(0);
    expect(world.messages("Work")).toHaveLength(1);
    world.advance(60);
    await expect.poll(() => events.length).toBe(2);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["an empty object", {}],
    ["an empty list", { batchItemFailures: [] }],
    ["a null list", { batchItemFailures: null }],
  ])("takes %s for success", async (_name, payload) => {
    start(() => ({ ok: true, payload }));
    send("a");
    await expect.poll(() => world.messages("Work")).toEqual([]);
  });

  test("ignores the answer where partial responses are off", async () => {
    start(() => ({ ok: true, payload: { batchItemFailures: [{ itemIdentifier: "x" }] } }), {
      reportsItemFailures: false,
    });
    send("a");
    await expect.poll(() => world.messages("Work")).toEqual([]);
  });

  test("runs at most its maximum of batches at once", async () => {
    let running = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    start(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => gates.push(resolve));
        running -= 1;
        return done;
      },
      { batchSize: 1, maximumConcurrency: 2 },
    );
    for (let index = 0; index < 6; index += 1) send(String(index));
    while (world.messages("Work").length > 0) {
      await expect.poll(() => gates.length).toBeGreaterThan(0);
      gates.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBe(2);
    expect(events).toHaveLength(6);
  });

  test("waits for a fuller batch as long as its window", async () => {
    start(() => done, { batchingWindow: 5, maximumConcurrency: 1 });
    send("a");
    await new Promise((resolve) => setImmediate(resolve));
    send("b");
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual([]);
    world.advance(5);
    await expect.poll(bodies).toEqual([["a", "b"]]);
  });

  test("keeps a FIFO group's order over failing batches", async () => {
    let failures = 3;
    start(
      () => {
        failures -= 1;
        return failures >= 0 ? { ok: false, errorType: "Error", message: "boom" } : done;
      },
      { queueArn: "arn:aws:sqs:us-east-1:111122223333:Order.fifo", batchSize: 2 },
      { timeout: 10 },
    );
    for (const body of ["1", "2", "3"]) send(body, { group: "g" }, "Order.fifo");
    for (let round = 1; round <= 3; round += 1) {
      await expect.poll(() => events.length).toBe(round);
      await settled().toBe(0);
      world.advance(30);
    }
    await expect.poll(() => world.messages("Order.fifo")).toEqual([]);
    expect(bodies().flat().join("")).toMatch(/^1(2?1)*2?.*23$/);
    expect(
      bodies()
        .slice(0, 3)
        .every(([first]) => first === "1"),
    ).toBe(true);
  });

  test.each(needed)("is refused at the start when its role lacks %s, and the refusal is listed", (action) => {
    const actions = needed.filter((one) => one !== action);
    expect(() => start(() => done, {}, { actions })).toThrow(action);
    expect(world.core.denials.list().map((denial) => denial.action)).toEqual([action]);
  });

  test("is refused when its queue hides messages for less time than its function may take", () => {
    expect(() => start(() => done, {}, { timeout: 61 })).toThrow(/visibility timeout: 60 seconds is less/);
  });

  test("stops polling while its role may not, and goes on when it may again", async () => {
    start(() => done);
    world.core.identity.replaceRole(workerRole(["ecr:ListImages"]));
    mappings?.permissionsChanged();
    send("a");
    await expect
      .poll(() => world.core.denials.list().map((denial) => denial.action))
      .toContain("sqs:ReceiveMessage");
    expect(events).toEqual([]);
    world.core.identity.replaceRole(workerRole(needed));
    mappings?.permissionsChanged();
    await expect.poll(bodies).toEqual([["a"]]);
  });
});
