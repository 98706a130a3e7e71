import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FaultSettings } from "../faults/create-faults.ts";
import { ACCOUNT, REGION, startTestBorder, type TestBorder } from "../testing/test-border.ts";
import { tableDefinition } from "./table-definition.ts";
import { createTables, type Tables } from "./tables.ts";

const ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Things`;
const RESOURCE = {
  hashKey: "pk",
  rangeKey: "sk",
  attributes: ["pk", "sk", "gpk", "gsk"].map((name) => ({ name, type: "S" })),
  globalSecondaryIndexes: [{ name: "gsi1", hashKey: "gpk", rangeKey: "gsk", projectionType: "ALL" }],
  ttl: { attributeName: "expiresAt", enabled: true },
};
const allow = (Action: string[], Resource: string[]) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource }],
});

let border: TestBorder;
let tables: Tables;
let directory: string | undefined;

async function start(): Promise<void> {
  border = await startTestBorder(
    (deps) => {
      tables = createTables({ ...deps, ...(directory && { directory }) });
      return { services: [tables.service] };
    },
    {
      reader: allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [ARN]),
      indexReader: allow(["dynamodb:Query"], [`${ARN}/index/gsi1`]),
    },
  );
  clients = [];
  await tables.declare(tableDefinition("Things", RESOURCE, { account: ACCOUNT, region: REGION }));
}

let clients: DynamoDBClient[];

function client(principal?: string): DynamoDBDocumentClient {
  const raw = new DynamoDBClient(border.client(principal));
  clients.push(raw);
  return DynamoDBDocumentClient.from(raw);
}

const put = (Item: Record<string, unknown>, more = {}) =>
  client().send(new PutCommand({ TableName: "Things", Item, ...more }));
const get = (pk: string, sk: string, more = {}) =>
  client().send(new GetCommand({ TableName: "Things", Key: { pk, sk }, ConsistentRead: true, ...more }));

async function stop(): Promise<void> {
  for (const each of clients) each.destroy();
  await border.stop();
  await tables.stop();
}

beforeEach(start);
afterEach(async () => {
  await stop();
  if (directory) await rm(directory, { recursive: true });
  directory = undefined;
});

describe("items", () => {
  test("are put, read, updated, queried over an index and deleted", async () => {
    await put({ pk: "a", sk: "1", gpk: "g", gsk: "2", list: [1, { deep: true }] });
    await put({ pk: "a", sk: "2", gpk: "g", gsk: "1" });
    await client().send(
      new UpdateCommand({
        TableName: "Things",
        Key: { pk: "a", sk: "2" },
        UpdateExpression: "SET #n = if_not_exists(#n, :zero) + :one",
        ExpressionAttributeNames: { "#n": "count" },
        ExpressionAttributeValues: { ":zero": 0, ":one": 1 },
      }),
    );
    expect((await get("a", "1")).Item).toEqual({
      pk: "a",
      sk: "1",
      gpk: "g",
      gsk: "2",
      list: [1, { deep: true }],
    });
    const query = { TableName: "Things", IndexName: "gsi1", KeyConditionExpression: "gpk = :g" };
    const found = await client().send(
      new QueryCommand({ ...query, ExpressionAttributeValues: { ":g": "g" } }),
    );
    expect(found.Items).toMatchObject([{ sk: "2", count: 1 }, { sk: "1" }]);
    await client().send(new DeleteCommand({ TableName: "Things", Key: { pk: "a", sk: "1" } }));
    expect((await get("a", "1")).Item).toBeUndefined();
    expect((await client().send(new ScanCommand({ TableName: "Things" }))).Count).toBe(1);
  });

  test("are written 25 and read 100 at a time, and queried page by page in order", async () => {
    const items = Array.from({ length: 25 }, (_, n) => ({ pk: "p", sk: String(n).padStart(3, "0") }));
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    await client().send(new BatchWriteCommand({ RequestItems: { Things: requests } }));
    const read = await client().send(new BatchGetCommand({ RequestItems: { Things: { Keys: items } } }));
    expect(read.Responses?.["Things"]).toHaveLength(25);
    const seen: unknown[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await client().send(
        new QueryCommand({
          TableName: "Things",
          KeyConditionExpression: "pk = :p AND begins_with(sk, :s)",
          ExpressionAttributeValues: { ":p": "p", ":s": "0" },
          Limit: 7,
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
        }),
      );
      seen.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(seen).toEqual(items);
  });

  test("of 400 KB are kept, bigger ones refused, counted in UTF-8 bytes", async () => {
    const overhead = "pksktextab".length;
    await put({ pk: "a", sk: "b", text: "x".repeat(400 * 1024 - overhead) });
    for (const text of ["x".repeat(400 * 1024 - overhead + 1), "ü".repeat(205_000)]) {
      await expect(put({ pk: "a", sk: "c", text })).rejects.toMatchObject({
        name: "ValidationException",
        message: /Item size has exceeded/,
      });
    }
    const grow = new UpdateCommand({
      TableName: "Things",
      Key: { pk: "a", sk: "b" },
      UpdateExpression: "SET more = :m",
      ExpressionAttributeValues: { ":m": "x" },
    });
    await expect(client().send(grow)).rejects.toMatchObject({ message: /Item size to update has exceeded/ });
  });
});

describe("a failed condition", () => {
  const once = { ConditionExpression: "attribute_not_exists(pk)" };

  test("changes nothing and gives the item back when asked to", async () => {
    await put({ pk: "a", sk: "1", version: 1 });
    const refused = put(
      { pk: "a", sk: "1", version: 2 },
      { ...once, ReturnValuesOnConditionCheckFailure: "ALL_OLD" },
    );
    await expect(refused).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      Item: { pk: { S: "a" }, sk: { S: "1" }, version: { N: "1" } },
    });
    await expect(put({ pk: "a", sk: "1" }, once)).rejects.not.toHaveProperty("Item.pk");
    expect((await get("a", "1")).Item).toMatchObject({ version: 1 });
  });

  test("lets exactly one of many concurrent writers win each version", async () => {
    await put({ pk: "a", sk: "1", v: 0 });
    const bump = async () => {
      for (;;) {
        const v: number = (await get("a", "1")).Item?.["v"];
        const fenced = { ConditionExpression: "v = :v", ExpressionAttributeValues: { ":v": v } };
        const done = await put({ pk: "a", sk: "1", v: v + 1 }, fenced).then(() => true, refusedOnly);
        if (done) return;
      }
    };
    await Promise.all(Array.from({ length: 8 }, bump));
    expect((await get("a", "1")).Item).toMatchObject({ v: 8 });
  });
});

function refusedOnly(error: Error): boolean {
  if (error.name !== "ConditionalCheckFailedException") throw error;
  return false;
}

describe("expiry", () => {
  const seconds = (days: number) => Math.floor(border.clock.now().getTime() / 1000) + days * 86_400;

  test("follows the cloud's clock and the declared attribute", async () => {
    await put({ pk: "a", sk: "soon", expiresAt: seconds(1) });
    await put({ pk: "a", sk: "later", expiresAt: seconds(30) });
    await put({ pk: "a", sk: "text", expiresAt: String(seconds(-1)) });
    await put({ pk: "a", sk: "ancient", expiresAt: seconds(-6 * 365) });
    await put({ pk: "a", sk: "never" });
    const asked = await client().send(new DescribeTimeToLiveCommand({ TableName: "Things" }));
    expect(asked.TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" });
    expect(await tables.sweep()).toBe(0);
    border.clock.set(new Date(Date.now() + 2 * 86_400_000));
    await tables.sweep();
    const left = await client().send(new ScanCommand({ TableName: "Things" }));
    expect(left.Items?.map((item) => item["sk"]).sort()).toEqual(["ancient", "later", "never", "text"]);
  });
});

describe("consumed capacity", () => {
  const spent = () => tables.consumed()[0];

  test.each([
    ["a small item", { pk: "a", sk: "1" }, 1],
    ["an item of 2.5 KB", { pk: "a", sk: "1", t: "x".repeat(2_500) }, 3],
    ["an item in the index", { pk: "a", sk: "1", gpk: "g", gsk: "s" }, 2],
    ["an item in the index of 1.5 KB", { pk: "a", sk: "1", gpk: "g", gsk: "s", t: "x".repeat(1_500) }, 4],
  ])("of putting %s counts 1 KB units, the index's too", async (_, item, units) => {
    const answer = await put(item, { ReturnConsumedCapacity: "TOTAL" });
    expect(answer.ConsumedCapacity).toEqual({ TableName: "Things", CapacityUnits: units });
    expect(spent()).toMatchObject({ table: "Things", write: units, read: 0, requests: 1 });
  });

  test("of an index is none when its entry stays, one when it changes, two when its key moves", async () => {
    const item = { pk: "a", sk: "1", gpk: "g", gsk: "s" };
    await put(item);
    for (const [next, units] of [
      [item, 1],
      [{ ...item, other: 1 }, 2],
      [{ ...item, other: 1, gsk: "t" }, 3],
      [{ pk: "a", sk: "1", other: 1 }, 2],
    ] as const) {
      const answer = await put(next, { ReturnConsumedCapacity: "INDEXES" });
      expect(answer.ConsumedCapacity?.CapacityUnits).toBe(units);
      expect(answer.ConsumedCapacity?.Table?.CapacityUnits).toBe(1);
    }
  });

  test("of reads counts 4 KB units, half of it when eventually consistent", async () => {
    await put({ pk: "a", sk: "1", t: "x".repeat(5_000) });
    tables.resetConsumed();
    await get("a", "1");
    expect(spent()).toMatchObject({ read: 2, write: 0 });
    await get("a", "1", { ConsistentRead: false });
    expect(spent()).toMatchObject({ read: 3 });
    await get("a", "missing", { ConsistentRead: false });
    expect(spent()).toMatchObject({ read: 3.5 });
    const none = { KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": "none" } };
    await client().send(new QueryCommand({ TableName: "Things", ...none }));
    expect(spent()).toMatchObject({ read: 4, requests: 4 });
  });

  test("is charged for a refused condition, and shown only when asked for", async () => {
    expect(await put({ pk: "a", sk: "1", t: "x".repeat(1_500) })).not.toHaveProperty("ConsumedCapacity");
    await expect(
      put({ pk: "a", sk: "1" }, { ConditionExpression: "attribute_not_exists(pk)" }),
    ).rejects.toThrow();
    expect(spent()).toMatchObject({ write: 4, requests: 2, itemWrites: 1 });
  });

  test("is told apart by principal, with the items that each has changed", async () => {
    const things = ["1", "2"].map((sk) => ({ PutRequest: { Item: { pk: "a", sk } } }));
    await client().send(new BatchWriteCommand({ RequestItems: { Things: things } }));
    await client("reader").send(new GetCommand({ TableName: "Things", Key: { pk: "a", sk: "1" } }));
    expect(Object.values(spent()?.principals ?? {})).toEqual([
      { read: 0, write: 2, requests: 1, itemWrites: 2 },
      { read: 0.5, write: 0, requests: 1, itemWrites: 0 },
    ]);
  });
});

describe("access", () => {
  test("is asked for on the table", async () => {
    await put({ pk: "a", sk: "1" });
    const reader = client("reader");
    expect(
      (await reader.send(new GetCommand({ TableName: "Things", Key: { pk: "a", sk: "1" } }))).Item,
    ).toBeDefined();
    for (const command of [
      new PutCommand({ TableName: "Things", Item: { pk: "b", sk: "1" } }),
      new DeleteCommand({ TableName: "Things", Key: { pk: "a", sk: "1" } }),
      new BatchWriteCommand({ RequestItems: { Things: [{ PutRequest: { Item: { pk: "b", sk: "1" } } }] } }),
    ]) {
      await expect(reader.send(command as PutCommand)).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: /key|reader.*is not authorized to perform: dynamodb:/,
      });
    }
    const other = { RequestItems: { Other: { Keys: [{ pk: "a", sk: "1" }] } } };
    await expect(reader.send(new BatchGetCommand(other))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    expect((await client().send(new ScanCommand({ TableName: "Things" }))).Count).toBe(1);
  });

  test("to an index is not access to its table", async () => {
    const query = { TableName: "Things", ExpressionAttributeValues: { ":v": "x" } };
    const reader = client("indexReader");
    const index = new QueryCommand({ ...query, IndexName: "gsi1", KeyConditionExpression: "gpk = :v" });
    expect((await reader.send(index)).Count).toBe(0);
    await expect(
      reader.send(new QueryCommand({ ...query, KeyConditionExpression: "pk = :v" })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("refusals", () => {
  test("a fault that is switched on comes before everything else", async () => {
    const operations = { "dynamodb:PutItem": { code: "ProvisionedThroughputExceededException", times: 1 } };
    border.faults.set(FaultSettings.parse({ operations }));
    await expect(put({ pk: "a", sk: "1" })).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
    });
    expect((await get("a", "1")).Item).toBeUndefined();
    await put({ pk: "a", sk: "1" });
  });

  test("transactions are refused by name", async () => {
    const Put = { TableName: "Things", Item: { pk: { S: "a" }, sk: { S: "1" } } };
    await expect(
      client().send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: /TransactWriteItems is not supported/,
    });
  });

  test.each([
    [
      "a table that is not there",
      () => client().send(new GetCommand({ TableName: "None", Key: { pk: "a" } })),
      "ResourceNotFoundException",
    ],
    ["an item without its key", () => put({ pk: "a" }), "ValidationException"],
    [
      "a broken expression",
      () => put({ pk: "a", sk: "1" }, { ConditionExpression: "((" }),
      "ValidationException",
    ],
  ])("%s is an error of the caller's, and the engine goes on", async (_, call, name) => {
    await expect(call()).rejects.toMatchObject({ name });
    await put({ pk: "a", sk: "1" });
  });
});

describe("the engine", () => {
  // dynalite throws in a callback, holding the item's lock, when an operand of BETWEEN is missing.
  const broken = {
    ConditionExpression: "n BETWEEN :zero AND nothing",
    ExpressionAttributeValues: { ":zero": 0 },
  };

  test("fails what runs when dynalite throws, and goes on: also with the same item", async () => {
    await put({ pk: "a", sk: "1", n: 1 });
    const failed = await Promise.allSettled([
      put({ pk: "a", sk: "1", n: 2 }, broken),
      put({ pk: "a", sk: "1", n: 2 }, broken),
    ]);
    for (const result of failed) {
      expect(result).toMatchObject({
        reason: { name: "InternalServerError", $metadata: { httpStatusCode: 500 } },
      });
    }
    await put(
      { pk: "a", sk: "1", n: 3 },
      { ConditionExpression: "n = :one", ExpressionAttributeValues: { ":one": 1 } },
    );
    expect((await get("a", "1")).Item).toMatchObject({ n: 3 });
  });
});

describe("kept tables", () => {
  test("survive a restart, and refuse to be another table", async () => {
    await stop();
    directory = await mkdtemp(join(tmpdir(), "tables-"));
    await start();
    await put({ pk: "a", sk: "1", n: 1 });
    await stop();
    await start();
    expect((await get("a", "1")).Item).toEqual({ pk: "a", sk: "1", n: 1 });
    const other = { ...RESOURCE, globalSecondaryIndexes: [] };
    const changed = tableDefinition(
      "Things",
      { ...other, attributes: RESOURCE.attributes.slice(0, 2) },
      { account: ACCOUNT, region: REGION },
    );
    await expect(tables.declare(changed)).rejects.toThrow(/Things was kept with other keys or indexes/);
    await tables.clear();
    expect((await get("a", "1")).Item).toBeUndefined();
  });
});
