import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { UnreadableRecordError } from "@tallyman/domain/inventory/errors";
import * as z from "@tallyman/domain/zod";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UnprocessedKeysError } from "./batch-get.ts";
import { openTable } from "./table.ts";

type Key = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } };

let server: Server;
let client: DynamoDBClient;
/** The keys of each request. */
let asked: string[][];
/** How many keys of a request are answered. */
let answered: (request: number) => number;

/** As much of DynamoDB as BatchGetItem needs: every key is an item, some are left for later. */
beforeEach(async () => {
  asked = [];
  answered = () => Number.POSITIVE_INFINITY;
  server = createServer(async (request, response) => {
    const { RequestItems } = (await json(request)) as {
      RequestItems: Record<string, { Keys: Key[]; ConsistentRead: boolean }>;
    };
    const { Keys = [], ConsistentRead = false } = RequestItems["Inventory"] ?? {};
    asked.push(Keys.map(({ pk }) => pk.S));
    const [now, later] = [Keys.slice(0, answered(asked.length)), Keys.slice(answered(asked.length))];
    const items = now.map((key) => ({
      ...key,
      schemaVersion: { N: "1" },
      consistent: { BOOL: ConsistentRead },
    }));
    const body = {
      Responses: { Inventory: items },
      UnprocessedKeys: later.length > 0 ? { Inventory: { Keys: later, ConsistentRead } } : {},
    };
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
});

afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

const keys = (count: number) => Array.from({ length: count }, (_, i) => ({ pk: `M#${i}`, sk: "M" }));

const Item: z.ZodMiniType<{ pk: string }> = z.object({ pk: z.string(), consistent: z.literal(true) });

async function getMany(count: number, schema = Item) {
  const found: string[] = [];
  for await (const { pk } of openTable("Inventory", client).getMany(keys(count), schema)) found.push(pk);
  return found;
}

test("items are asked for by the hundred, strongly consistently", async () => {
  expect(await getMany(250)).toEqual(keys(250).map(({ pk }) => pk));
  expect(asked.map((request) => request.length)).toEqual([100, 100, 50]);
});

test("what a request left out is asked for again, and nothing else", async () => {
  answered = (request) => (request === 1 ? 60 : 30);
  expect(await getMany(100)).toEqual(keys(100).map(({ pk }) => pk));
  expect(asked.map((request) => request.length)).toEqual([100, 40, 10]);
});

test("what is left out again and again is an error, not absent", async () => {
  answered = () => 0;
  await expect(getMany(3)).rejects.toThrow(UnprocessedKeysError);
  expect(asked).toHaveLength(8);
}, 20_000);

test("an item that is damaged is an error", async () => {
  const schema = z.object({ pk: z.string(), consistent: z.literal(false) });
  await expect(getMany(1, schema)).rejects.toThrow(UnreadableRecordError);
});
