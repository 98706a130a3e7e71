import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataDirectoryError } from "./data-directory.ts";
import { PortInUseError } from "./http/server.ts";
import { DataInUseError } from "./queues/journal.ts";
import { type Cloud, type CloudOptions, startCloud } from "./start-cloud.ts";
import { smallStacks } from "./testing/small-stacks.ts";
import { TopologyError } from "./topology/topology-error.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const other = { account: "444455556666", region: "us-east-1" };

describe("the embedded cloud", () => {
  let dataDirectory: string;
  const clouds: Cloud[] = [];

  beforeEach(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), "cloud-"));
  });
  afterEach(async () => {
    for (const cloud of clouds.splice(0)) await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function start(options: Partial<CloudOptions> = {}): Promise<Cloud> {
    const cloud = await startCloud({
      ...smallStacks(),
      hubRegistry,
      registries: [hubRegistry, other],
      dataDirectory,
      bundlesDirectory: dataDirectory,
      port: 0,
      ...options,
    });
    clouds.push(cloud);
    return cloud;
  }

  const client = ({ url }: Cloud, key = "test") => ({
    endpoint: url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: key, secretAccessKey: key },
  });
  const queueUrl = ({ url }: Cloud, name = "Work") => `${url}/111122223333/${name}`;
  const control = async ({ url }: Cloud, path: string, body?: object) => {
    const init = body && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    return (await fetch(`${url}/_embedded/${path}`, init ?? {})).json() as Promise<Record<string, unknown>>;
  };

  test("says where data cannot be kept, instead of failing somewhere later", async () => {
    const file = join(dataDirectory, "a-file");
    writeFileSync(file, "");
    const refused = start({ dataDirectory: join(file, "data") });
    await expect(refused).rejects.toThrow(DataDirectoryError);
    await expect(refused).rejects.toThrow("--data");
  });

  test("keeps messages over a restart, also those that were in flight", async () => {
    const first = await start();
    const sqs = new SQSClient(client(first));
    for (const MessageBody of ["a", "b"])
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(first), MessageBody }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(first), MaxNumberOfMessages: 1 }));
    await clouds.pop()?.stop();

    const second = await start();
    const again = await new SQSClient(client(second)).send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl(second),
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    const seen = again.Messages?.map((message) => [
      message.Body,
      message.Attributes?.ApproximateReceiveCount,
    ]);
    expect(seen?.toSorted()).toEqual([
      ["a", "2"],
      ["b", "1"],
    ]);
  });

  test("takes PutEvents from the accounts that the bus lets in, and from nobody else", async () => {
    const cloud = await start();
    const Entries = [
      {
        Source: "demo.app",
        DetailType: "Demo",
        Detail: '{"n":1}',
        EventBusName: "arn:aws:events:us-east-1:111122223333:event-bus/central",
      },
    ];
    for (const key of ["test", "test2"]) {
      const events = new EventBridgeClient(client(cloud, key));
      expect(await events.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
    }
    const sqs = new SQSClient(client(cloud));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(cloud), MaxNumberOfMessages: 10 }),
    );
    expect(Messages?.map((message) => JSON.parse(message.Body ?? "").account).toSorted()).toEqual([
      "111122223333",
      "444455556666",
    ]);

    await control(cloud, "policy", {
      resource: "arn:aws:events:us-east-1:111122223333:event-bus/central",
      policy: null,
    });
    const events = new EventBridgeClient(client(cloud, "test2"));
    await expect(events.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await control(cloud, "policy", { restore: true });
    expect(await events.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
  });

  test("refuses single entries as EventBridge does", async () => {
    const events = new EventBridgeClient(client(await start()));
    const good = { Source: "demo.app", DetailType: "Demo", Detail: "{}" };
    const answer = await events.send(
      new PutEventsCommand({
        Entries: [
          good,
          { ...good, Source: "aws.ecr" },
          { ...good, Detail: "[]" },
          { ...good, EventBusName: "gone" },
          { ...good, DetailType: "" },
        ],
      }),
    );
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
      undefined,
      "NotAuthorizedForSourceException",
      "MalformedDetail",
      "InvalidArgument",
      "InvalidArgument",
    ]);
  });

  test("runs a schedule on demand and by the clock, and says when all is idle", async () => {
    const cloud = await start();
    expect(await control(cloud, "run/Tick", {})).toMatchObject({
      schedule: "tick",
      execution: expect.any(String),
      idle: true,
      metrics: [],
    });
    await control(cloud, "clock", { advance: "PT5M" });
    const idle = await control(cloud, "idle?wait=5");
    expect(idle["queues"]).toContainEqual(expect.objectContaining({ name: "Order.fifo", visible: 2 }));
    // Nobody consumes that queue: what lies there is not under way.
    expect(idle["idle"]).toBe(true);
  });

  test("counts every call by operation and caller", async () => {
    const cloud = await start();
    await new SQSClient(client(cloud)).send(
      new SendMessageCommand({ QueueUrl: queueUrl(cloud), MessageBody: "a" }),
    );
    expect(await control(cloud, "wire")).toEqual({ "sqs:SendMessage": { test: 1 } });
  });

  test("is as new after a reset", async () => {
    const cloud = await start();
    await new SQSClient(client(cloud)).send(
      new SendMessageCommand({ QueueUrl: queueUrl(cloud), MessageBody: "a" }),
    );
    await control(cloud, "clock", { advance: "P15D" });
    await control(cloud, "faults", { operations: { "sqs:*": {} } });
    expect(await control(cloud, "reset", {})).toEqual({ reset: true });
    expect(await control(cloud, "wire")).toEqual({});
    expect(await control(cloud, "faults")).toMatchObject({ operations: {} });
    expect(Math.abs(cloud.clock.now().getTime() - Date.now())).toBeLessThan(5000);
    const { Messages } = await new SQSClient(client(cloud)).send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(cloud) }),
    );
    expect(Messages).toBeUndefined();
  });

  test("says that its port is taken, and leaves nothing behind", async () => {
    const { port } = await start();
    const elsewhere = mkdtempSync(join(tmpdir(), "cloud-"));
    await expect(start({ port, dataDirectory: elsewhere })).rejects.toThrow(PortInUseError);
    rmSync(elsewhere, { recursive: true, force: true });
  });

  test("says that its directory is taken", async () => {
    await start();
    await expect(start()).rejects.toThrow(DataInUseError);
  });

  test("does not start stacks that it cannot run", async () => {
    const stacks = smallStacks();
    stacks.hub.resources["aws:sns/topic:Topic"] = { T: {} };
    await expect(start(stacks)).rejects.toThrow(TopologyError);
  });

  test("answers what is no call of any service with a hint, and lives on after broken requests", async () => {
    const cloud = await start();
    const lost = await fetch(`${cloud.url}/somewhere`);
    expect([lost.status, ((await lost.json()) as { message: string }).message]).toEqual([
      404,
      expect.stringContaining("/_embedded/health"),
    ]);
    expect((await fetch(`${cloud.url}/`, { method: "POST", body: "x" })).status).toBe(403);
    expect(await raw(cloud, "NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(cloud, `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 (400|431)/,
    );
    expect(
      await raw(
        cloud,
        `POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 9000000\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1.1 413/);
    expect(await control(cloud, "health")).toMatchObject({ status: "ok" });
  });

  function raw({ port }: Cloud, text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(port, "127.0.0.1", () => socket.write(text));
      let answer = "";
      socket.on("data", (chunk) => {
        answer += String(chunk);
        socket.end();
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
    });
  }
});
