import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTimers } from "../../clock/timers.ts";
import { startTestBorder, type TestBorder } from "../../testing/test-border.ts";
import { createMoveTasks } from "../move-tasks.ts";
import { createQueues, type QueueSet } from "../queue-set.ts";
import { type QueueSettings, queueDefaults } from "../queue-settings.ts";
import { sqsService } from "./sqs-service.ts";

const prefix = "arn:aws:sqs:us-east-1:111122223333";
const base = { ...queueDefaults, account: "111122223333", region: "us-east-1" };
const queue = (name: string, more: Partial<QueueSettings> = {}): QueueSettings => ({
  ...base,
  name,
  arn: `${prefix}:${name}`,
  fifo: name.endsWith(".fifo"),
  ...more,
});

const settings = [
  queue("Work", { redrive: { deadLetterTarget: `${prefix}:Dead`, maxReceiveCount: 1 } }),
  queue("Dead"),
  queue("Order.fifo", { contentBasedDeduplication: true }),
  queue("Strict.fifo"),
];

const allow = (actions: readonly string[], resource: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: actions, Resource: resource }],
});

describe("SQS over a socket, with the SDK", () => {
  let border: TestBorder;
  let queues: QueueSet;
  let stopTimers: () => void;
  let sqs: SQSClient;
  let policies: Map<string, unknown>;

  beforeEach(async () => {
    policies = new Map();
    border = await startTestBorder(
      ({ clock, authorize, faults }) => {
        const timers = createTimers(clock);
        stopTimers = () => timers.stop();
        const now = () => clock.now().getTime();
        queues = createQueues(settings, { timers, now });
        const queuePolicies = (arn: string) => (policies.has(arn) ? [policies.get(arn)] : []);
        const moveTasks = createMoveTasks(queues, now);
        return {
          services: [
            sqsService({ queues, authorize, queuePolicies, moveTasks, faults, baseUrl: () => border.url }),
          ],
        };
      },
      {
        sender: allow(["sqs:SendMessage"], `${prefix}:Work`),
        mover: allow(["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:GetQueueAttributes"], "*"),
        nobody: allow(["ecr:*"], "*"),
      },
    );
    sqs = new SQSClient(border.client());
  });

  afterEach(async () => {
    sqs.destroy();
    queues.stop();
    stopTimers();
    await border.stop();
  });

  const url = (name: string) => `${border.url}/111122223333/${name}`;
  const send = (name: string, MessageBody: string, more = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl: url(name), MessageBody, ...more }));
  const receive = async (name: string, more = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url(name), MaxNumberOfMessages: 10, ...more })))
      .Messages ?? [];

  test("sends, receives and deletes; the SDK agrees with every MD5", async () => {
    const attributes = {
      text: { DataType: "String", StringValue: "grüße" },
      bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 3]) },
      number: { DataType: "Number.int", StringValue: "7" },
    };
    const sent = await send("Work", "häm \u{1f600}", { MessageAttributes: attributes });
    const [message] = await receive("Work", {
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: "häm \u{1f600}",
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { ApproximateReceiveCount: "1" },
      MessageAttributes: {
        text: { StringValue: "grüße" },
        bytes: { BinaryValue: new Uint8Array([1, 2, 3]) },
      },
    });
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: url("Work"), ReceiptHandle: message?.ReceiptHandle }),
    );
    expect(queues.find(`${prefix}:Work`)?.messages()).toEqual([]);
  });

  test("answers each entry of a batch for itself", async () => {
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url("Work"),
        Entries: [
          { Id: "good", MessageBody: "a" },
          { Id: "late", MessageBody: "b", DelaySeconds: 901 },
          { Id: "bad", MessageBody: "\u0000" },
        ],
      }),
    );
    expect(Successful?.map((one) => one.Id)).toEqual(["good"]);
    expect(Failed?.map((one) => [one.Id, one.Code, one.SenderFault])).toEqual([
      ["late", "InvalidParameterValue", true],
      ["bad", "InvalidMessageContents", true],
    ]);
    const messages = await receive("Work");
    const Entries = messages.map((one, index) => ({ Id: String(index), ReceiptHandle: one.ReceiptHandle }));
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url("Work"),
        Entries: [...Entries, { Id: "x", ReceiptHandle: "rubbish" }],
      }),
    );
    expect(deleted.Successful).toHaveLength(1);
    expect(deleted.Failed).toMatchObject([{ Id: "x", Code: "ReceiptHandleIsInvalid" }]);
  });

  test.each([
    ["a body over 256 KiB", () => send("Work", "x".repeat(262_145)), "InvalidParameterValue"],
    ["a delay over 900 s", () => send("Work", "x", { DelaySeconds: 901 }), "InvalidParameterValue"],
    ["a queue that is not there", () => send("Gone", "x"), "QueueDoesNotExist"],
    ["a FIFO message without a group", () => send("Order.fifo", "x"), "MissingParameter"],
    [
      "a FIFO message without deduplication id",
      () => send("Strict.fifo", "x", { MessageGroupId: "g" }),
      "InvalidParameterValue",
    ],
    ["eleven messages at once", () => receive("Work", { MaxNumberOfMessages: 11 }), "InvalidParameterValue"],
    ["a wait over 20 s", () => receive("Work", { WaitTimeSeconds: 21 }), "InvalidParameterValue"],
    [
      "eleven entries",
      () =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: url("Work"),
            Entries: Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: "x" })),
          }),
        ),
      "TooManyEntriesInBatchRequest",
    ],
    [
      "two entries of one id",
      () =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: url("Work"),
            Entries: [
              { Id: "a", MessageBody: "x" },
              { Id: "a", MessageBody: "y" },
            ],
          }),
        ),
      "BatchEntryIdsNotDistinct",
    ],
    [
      "a batch over 256 KiB",
      () =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: url("Work"),
            Entries: ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(200_000) })),
          }),
        ),
      "BatchRequestTooLong",
    ],
    [
      "the visibility of a message that is not in flight",
      () =>
        sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: url("Work"),
            ReceiptHandle: Buffer.from(`${crypto.randomUUID()}#${"0".repeat(18)}`).toString("base64"),
            VisibilityTimeout: 1,
          }),
        ),
      "MessageNotInflight",
    ],
    [
      "a move from a queue that is nobody's dead-letter queue",
      () => sqs.send(new StartMessageMoveTaskCommand({ SourceArn: `${prefix}:Work` })),
      "UnsupportedOperation",
    ],
  ])("refuses %s", async (_name, call, error) => {
    await expect(call()).rejects.toMatchObject({ name: error });
  });

  test("names the old query error code beside the new one", async () => {
    await expect(send("Gone", "x")).rejects.toMatchObject({
      Code: "AWS.SimpleQueueService.NonExistentQueue",
      name: "QueueDoesNotExist",
    });
  });

  test("wakes a long poll when a message arrives", async () => {
    const waiting = receive("Work", { WaitTimeSeconds: 20 });
    await send("Work", "now");
    expect((await waiting).map((message) => message.Body)).toEqual(["now"]);
  });

  test("hands nothing to a long poll whose client has gone", async () => {
    const gone = new AbortController();
    const abandoned = sqs.send(new ReceiveMessageCommand({ QueueUrl: url("Work"), WaitTimeSeconds: 20 }), {
      abortSignal: gone.signal,
    });
    await expect.poll(() => Object.keys(border.wire.counts())).toContain("sqs:ReceiveMessage");
    gone.abort();
    await expect(abandoned).rejects.toMatchObject({ name: "AbortError" });
    await send("Work", "kept");
    await expect.poll(() => receive("Work"), { timeout: 60_000 }).toMatchObject([{ Body: "kept" }]);
  });

  test("redrives dead letters to where they came from, and lists the task", async () => {
    await send("Work", "poison");
    await receive("Work", { VisibilityTimeout: 0 });
    expect(await receive("Work")).toEqual([]);
    const [dead] = await receive("Dead", {
      MessageSystemAttributeNames: ["DeadLetterQueueSourceArn"],
      VisibilityTimeout: 0,
    });
    expect(dead?.Attributes).toEqual({ DeadLetterQueueSourceArn: `${prefix}:Work` });
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: `${prefix}:Dead` }));
    expect((await receive("Work")).map((message) => message.Body)).toEqual(["poison"]);
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: `${prefix}:Dead` }));
    expect(Results).toMatchObject([{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }]);
  });

  test("describes queues", async () => {
    await send("Work", "a");
    await send("Work", "b", { DelaySeconds: 60 });
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url("Work"), AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: `${prefix}:Work`,
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesDelayed: "1",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${prefix}:Dead`, maxReceiveCount: 1 }),
    });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "Work" }));
    expect(QueueUrl).toBe(url("Work"));
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "D" }));
    expect(QueueUrls).toEqual([url("Dead")]);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url("Work") }));
    expect(queues.find(`${prefix}:Work`)?.messages()).toEqual([]);
  });

  describe("permissions", () => {
    const as = (principal: string) => new SQSClient(border.client(principal));

    test("lets a principal do what its policy says and nothing else", async () => {
      const sender = as("sender");
      await sender.send(new SendMessageCommand({ QueueUrl: url("Work"), MessageBody: "a" }));
      const others = [
        () => sender.send(new SendMessageCommand({ QueueUrl: url("Dead"), MessageBody: "a" })),
        () => sender.send(new ReceiveMessageCommand({ QueueUrl: url("Work") })),
        () => sender.send(new PurgeQueueCommand({ QueueUrl: url("Work") })),
        () => sender.send(new ListQueuesCommand({})),
      ];
      for (const other of others) await expect(other()).rejects.toMatchObject({ name: "AccessDenied" });
    });

    test("asks for receive, delete and send as well before it moves messages", async () => {
      const move = new StartMessageMoveTaskCommand({ SourceArn: `${prefix}:Dead` });
      await expect(as("mover").send(move)).rejects.toThrow(/sqs:DeleteMessage/);
    });

    test("counts the queue's own policy", async () => {
      const nobody = as("nobody");
      const call = () => nobody.send(new SendMessageCommand({ QueueUrl: url("Work"), MessageBody: "a" }));
      await expect(call()).rejects.toMatchObject({ name: "AccessDenied" });
      policies.set(`${prefix}:Work`, {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::111122223333:user/nobody" },
            Action: "sqs:SendMessage",
            Resource: `${prefix}:Work`,
          },
        ],
      });
      await expect(call()).resolves.toMatchObject({ MessageId: expect.any(String) });
    });

    test("fails an operation when a fault is switched on", async () => {
      border.faults.set({
        ...border.faults.show(),
        operations: { "sqs:SendMessage": { rate: 1, status: 503, code: "ServiceUnavailable", times: 1 } },
      });
      await expect(send("Work", "a")).rejects.toMatchObject({ name: "ServiceUnavailable" });
      await expect(send("Work", "a")).resolves.toMatchObject({ MessageId: expect.any(String) });
    });
  });
});
