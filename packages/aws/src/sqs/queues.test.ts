import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DeadLetterQueueNotFoundError, RedriveRunningError } from "@tallyman/domain/dead-letter/errors";
import type { UsageJob } from "@tallyman/domain/usage/ports";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aDueCheck, aNotice } from "../../../../test/builders/due.ts";
import { sqsDeadLetterQueues } from "./dead-letter-queues.ts";
import { sqsNoticeQueue } from "./notice-queue.ts";
import { sqsReconcileQueue } from "./reconcile-queue.ts";
import { sqsRecountQueue } from "./recount-queue.ts";
import { sqsReplicaCheckQueue } from "./replica-check-queue.ts";
import { MessagesNotSentError } from "./send-batches.ts";
import { sqsUsageQueue } from "./usage-queue.ts";

type Call = { readonly operation: string; readonly input: Record<string, unknown> };
type Answer = { readonly status?: number; readonly body: unknown };

let server: Server;
let calls: Call[];
let answer: (call: Call) => Answer;
let sqs: SQSClient;
let url: string;

beforeEach(async () => {
  calls = [];
  answer = () => ({ body: {} });
  server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
    const call = { operation, input: JSON.parse(await text(request)) as Record<string, unknown> };
    calls.push(call);
    const { status = 200, body } = answer(call);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `${endpoint}/111122223333/Queue`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  sqs = new SQSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1, md5: false });
});

afterEach(() => {
  sqs.destroy();
  server.closeAllConnections();
  server.close();
});

test("a notice goes into the group of its channel, and its key makes it once", async () => {
  const queue = sqsNoticeQueue(sqs, url);
  await queue.send(aNotice({ key: "k".repeat(500) }));
  await queue.send(aNotice({ key: "k".repeat(500) }));
  const [first, second] = calls.map((call) => call.input);
  expect(first).toMatchObject({ QueueUrl: url, MessageGroupId: "#registry" });
  expect(first?.["MessageDeduplicationId"]).toMatch(/^[0-9a-f]{64}$/);
  expect(second?.["MessageDeduplicationId"]).toBe(first?.["MessageDeduplicationId"]);
  expect(JSON.parse(String(first?.["MessageBody"]))).toEqual(aNotice({ key: "k".repeat(500) }));
});

test("a replica check is sent as it is", async () => {
  await sqsReplicaCheckQueue(sqs, url).send(aDueCheck());
  expect(JSON.parse(String(calls[0]?.input["MessageBody"]))).toEqual(aDueCheck());
});

describe("recounts", () => {
  const ask = async (repository: string, seconds: number, account = "111122223333") => {
    const where = { account, region: "us-east-1", repository };
    await sqsRecountQueue(sqs, url, () => seconds * 1000).send(where, "2026-11-21T12:00:00.000Z");
    const { MessageGroupId: group, MessageDeduplicationId: id, MessageBody } = calls.at(-1)?.input ?? {};
    return { group: String(group), id: String(id), body: JSON.parse(String(MessageBody)) };
  };

  test("of one repository are one message in each 45 seconds, and in one group", async () => {
    const first = await ask("prod/web", 0);
    expect(first.body).toEqual({
      account: "111122223333",
      region: "us-east-1",
      repository: "prod/web",
      heardAt: "2026-11-21T12:00:00.000Z",
    });
    expect(await ask("prod/web", 44.999)).toMatchObject({ group: first.group, id: first.id });
    const next = await ask("prod/web", 45);
    expect(next.group).toBe(first.group);
    expect(next.id).not.toBe(first.id);
  });

  test("of different repositories are different messages in groups of their own", async () => {
    const all = [
      await ask("prod/web", 0),
      await ask("prod/api", 0),
      await ask("prod/web", 0, "444455556666"),
    ];
    expect(new Set(all.map((it) => it.id)).size).toBe(3);
    expect(new Set(all.map((it) => it.group)).size).toBe(3);
  });

  test("that one queue has sent in a window are not sent again, until one fails or the window is over", async () => {
    let seconds = 0;
    const queue = sqsRecountQueue(sqs, url, () => seconds * 1000);
    const send = (repository: string) =>
      queue.send({ account: "111122223333", region: "us-east-1", repository }, "2026-11-21T12:00:00.000Z");
    answer = () => ({ status: 500, body: { __type: "InternalError" } });
    const outcomes = await Promise.allSettled([send("prod/web"), send("prod/web")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(calls).toHaveLength(1);

    answer = () => ({ body: {} });
    await Promise.all([send("prod/web"), send("prod/web"), send("prod/api")]);
    await send("prod/web");
    expect(calls).toHaveLength(3);
    for (seconds of [45, 0]) {
      const before = calls.length;
      await send("prod/web");
      expect(calls).toHaveLength(before + 1);
    }
  });

  test("fit into SQS's grammar for groups and ids, however the repository is called", async () => {
    const { group, id } = await ask("a/".repeat(100) + "b".repeat(56), 0);
    for (const name of [group, id]) expect(name).toMatch(/^[A-Za-z0-9]{1,128}$/);
  });
});

describe("reconcile jobs", () => {
  const registry = { account: "111122223333", region: "us-east-1", run: "run" };
  const jobs = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      kind: "repository" as const,
      ...registry,
      repository: `prod/app-${i}`,
    }));

  test("are sent ten at a time, each in its registry's group, once per run", async () => {
    await sqsReconcileQueue(sqs, url).send([
      { kind: "registry", ...registry, scope: "all" },
      ...jobs(24),
      { kind: "finish", ...registry },
    ]);
    const batches = calls.map((call) => call.input["Entries"] as Record<string, string>[]);
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 6]);
    const entries = batches.flat();
    expect(new Set(entries.map((it) => it["MessageDeduplicationId"])).size).toBe(26);
    expect(new Set(entries.map((it) => it["MessageGroupId"]))).toEqual(new Set(["111122223333/us-east-1"]));
  });

  test("of which one was refused are an error, although SQS answered 200", async () => {
    answer = () => ({
      body: { Successful: [], Failed: [{ Id: "1", Code: "InternalError", SenderFault: false }] },
    });
    await expect(sqsReconcileQueue(sqs, url).send(jobs(2))).rejects.toThrow(MessagesNotSentError);
  });

  test("of which there are none send nothing", async () => {
    await sqsReconcileQueue(sqs, url).send([]);
    expect(calls).toEqual([]);
  });
});

describe("jobs of usage", () => {
  const registry = { account: "111122223333", region: "us-east-1" };
  const collect = { kind: "collect" as const, source: "ecs", ...registry, run: "run", part: 0 };
  const scope = "111122223333/us-east-1";
  const apply = { kind: "apply" as const, source: "ecs", scope, sequence: 7, asked: "request-1" };
  const send = async (job: UsageJob) => {
    await sqsUsageQueue(sqs, url).send(job);
    const { MessageGroupId: group, MessageDeduplicationId: id, MessageBody } = calls.at(-1)?.input ?? {};
    expect(JSON.parse(String(MessageBody))).toEqual(job);
    for (const name of [group, id]) expect(name).toMatch(/^[A-Za-z0-9]{1,128}$/);
    return { group: String(group), id: String(id) };
  };

  test("are one message each, and a group for each source and scope, however it is called", async () => {
    const all = [
      await send(collect),
      await send({ ...collect, part: 1, next: "on" }),
      await send({ ...collect, run: "later" }),
      await send({ ...collect, source: "lambda" }),
      await send({ ...collect, region: "us-west-2" }),
      await send({ ...collect, kind: "consumers" }),
      await send({ ...apply, source: "kubernetes", scope: `${"shop (eu) ".repeat(25)}*` }),
    ];
    expect(new Set(all.map((it) => it.id)).size).toBe(7);
    expect(all.map((it) => it.group === all[0]?.group)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(await send({ ...collect })).toEqual(all[0]);
  });

  test("of a report stand in the same group as what is collected there", async () => {
    const collected = await send(collect);
    const applied = await send(apply);
    expect(applied.group).toBe(collected.group);
    expect((await send({ ...apply, sequence: 8 })).id).not.toBe(applied.id);
    // A person accepted it, seconds after it was held to be suspect.
    expect((await send({ ...apply, asked: "request-2" })).id).not.toBe(applied.id);
  });
});

describe("dead letters", () => {
  const queues = () =>
    sqsDeadLetterQueues(sqs, [{ name: "Dead", url, arn: "arn:aws:sqs:us-east-1:111122223333:Dead" }]);
  const running = { Status: "RUNNING", StartedTimestamp: Date.parse("2026-11-21T12:00:00Z") };
  const stopped = { status: 400, body: { __type: "com.amazonaws.sqs#UnsupportedOperation", message: "no" } };

  test("are counted", async () => {
    answer = () => ({ body: { Attributes: { ApproximateNumberOfMessages: "7" } } });
    expect(await queues().list()).toEqual([{ name: "Dead", messages: 7 }]);
  });

  test("whose count is not given are an error, not none", async () => {
    await expect(queues().list()).rejects.toThrow();
  });

  test("are moved back to where they came from", async () => {
    answer = () => ({ body: { TaskHandle: "handle" } });
    expect(await queues().redrive("Dead")).toEqual({ task: "handle" });
    expect(calls[0]?.input).toEqual({ SourceArn: "arn:aws:sqs:us-east-1:111122223333:Dead" });
  });

  test("that are being moved cannot be moved", async () => {
    answer = ({ operation }) =>
      operation === "StartMessageMoveTask" ? stopped : { body: { Results: [running] } };
    await expect(queues().redrive("Dead")).rejects.toThrow(RedriveRunningError);
  });

  test("that SQS refuses to move for another reason are that error", async () => {
    answer = ({ operation }) => (operation === "StartMessageMoveTask" ? stopped : { body: { Results: [] } });
    await expect(queues().redrive("Dead")).rejects.toMatchObject({ name: "UnsupportedOperation" });
  });

  test("show their moves", async () => {
    answer = () => ({ body: { Results: [{ ...running, ApproximateNumberOfMessagesMoved: 3 }] } });
    expect(await queues().listRedrives("Dead")).toEqual([
      { state: "running", startedAt: "2026-11-21T12:00:00.000Z", moved: 3 },
    ]);
  });

  test("of a queue that is not declared are asked for in vain, and SQS is not asked", async () => {
    await expect(queues().redrive("Other")).rejects.toThrow(DeadLetterQueueNotFoundError);
    expect(calls).toEqual([]);
  });
});
