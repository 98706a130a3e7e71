import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { FenceConflictError, UnreadableRecordError } from "@tallyman/domain/inventory/errors";
import type * as z from "@tallyman/domain/zod";
import { askedTogether } from "../asked-together.ts";
import { type Attributes, batchGet } from "./batch-get.ts";
import { type Key, SCHEMA_VERSION } from "./layout.ts";

/** What one item carries: its key, its record, and where the indexes list it. */
export type Item = Key & Readonly<Record<string, unknown>>;

export type Query = {
  readonly index?: "gsi1" | "gsi2";
  readonly partition: string;
  /** On the sort key; absent: the whole partition. */
  readonly sort?: SortCondition;
  readonly newestFirst?: boolean;
  readonly consistent?: boolean;
  /** Items in one request; DynamoDB may give fewer (1 MB). */
  readonly pageSize?: number;
};

export type SortCondition =
  | { readonly begins: string }
  | { readonly upTo: string }
  | { readonly before: string }
  | { readonly after: string }
  | { readonly between: readonly [string, string] };

/** An item as it came: `key` is where to go on from. */
export type Found<T> = { readonly record: T; readonly item: Readonly<Record<string, unknown>> };

/** The one table, in the three ways it is used. No transactions, no deletions, no counters, never a time in a condition. */
export type Table = {
  get<T>(key: Key, schema: z.ZodMiniType<T>): Promise<T | undefined>;
  /** What is stored under these keys, in no order, consistently; each key once, any number of them. */
  getMany<T>(keys: readonly Key[], schema: z.ZodMiniType<T>): AsyncIterable<T>;
  /** Writes on the fence `version - 1`; throws FenceConflictError. */
  putFenced(item: Item & { readonly version: number }): Promise<void>;
  /** Writes if nothing is stored under the key; says whether it wrote. */
  putNew(item: Item): Promise<boolean>;
  /** Every item, page by page. */
  query<T>(query: Query, schema: z.ZodMiniType<T>): AsyncIterable<Found<T>>;
  /** One page. `from`: what the page before gave as `next`. */
  queryPage<T>(
    query: Query,
    schema: z.ZodMiniType<T>,
    page: { readonly limit: number; readonly from?: Readonly<Record<string, unknown>> },
  ): Promise<{ readonly found: readonly Found<T>[]; readonly next?: Readonly<Record<string, unknown>> }>;
};

/**
 * Opens the table with the function's own credentials and Region. Items are translated here: the SDK's document client
 * puts its translation into every single call's middleware, and cannot keep what it put together. `together`: items that are
 * got in the same turn of the event loop are one BatchGetItem.
 */
export function openTable(
  tableName: string,
  client = new DynamoDBClient({ cacheMiddleware: true }),
  { together = false }: { readonly together?: boolean } = {},
): Table {
  const getItem = together
    ? askedTogether({ groupOf: () => "", nameOf: nameOfKey, ask: readItems })
    : readItem;

  async function readItem(key: Key) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: keyOf(key), ConsistentRead: true }),
    );
    return Item && stored(Item);
  }

  async function readItems(keys: readonly Key[]) {
    const [key, ...others] = keys;
    const items = key && others.length === 0 ? [await readItem(key)] : await Array.fromAsync(readMany(keys));
    return new Map(items.filter((item) => item !== undefined).map((item) => [nameOfKey(item), item]));
  }

  async function* readMany(keys: readonly Key[]) {
    for await (const item of batchGet(client, tableName, keys.map(keyOf))) yield stored(item);
  }

  async function put(item: Item, { condition, values }: Fence) {
    const input = {
      TableName: tableName,
      Item: toAttributes({ ...item, schemaVersion: SCHEMA_VERSION }),
      ConditionExpression: condition,
      ...(values && { ExpressionAttributeValues: toAttributes(values) }),
    };
    await client.send(new PutItemCommand(input));
  }

  const table: Table = {
    async get(key, schema) {
      const item = await getItem(key);
      return item && read(item, schema);
    },
    async *getMany(keys, schema) {
      for await (const item of readMany(keys)) yield read(item, schema);
    },
    async putFenced(item) {
      await orConflict(put(item, fenceOf(item.version)), () => {
        throw new FenceConflictError(`Item ${item.pk} ${item.sk}`);
      });
    },
    async putNew(item) {
      return orConflict(
        put(item, NOT_STORED).then(() => true),
        () => false,
      );
    },
    async *query(query, schema) {
      let from: Readonly<Record<string, unknown>> | undefined;
      do {
        const page = await table.queryPage(query, schema, {
          limit: query.pageSize ?? 1000,
          ...(from && { from }),
        });
        yield* page.found;
        from = page.next;
      } while (from);
    },
    async queryPage(query, schema, { limit, from }) {
      const input = { TableName: tableName, ...inputOf(query), Limit: limit };
      const output = await client.send(
        new QueryCommand(from ? { ...input, ExclusiveStartKey: toAttributes(from) } : input),
      );
      const items = (output.Items ?? []).map((attributes) => unmarshall(attributes));
      const found = items.map((item) => ({ item, record: read(item, schema) }));
      return { found, ...(output.LastEvaluatedKey && { next: unmarshall(output.LastEvaluatedKey) }) };
    },
  };
  return table;
}

function toAttributes(item: Readonly<Record<string, unknown>>) {
  return marshall(item, { removeUndefinedValues: true });
}

function nameOfKey({ pk, sk }: Key): string {
  return JSON.stringify([pk, sk]);
}

/** A key and nothing else of what carries it. */
function keyOf({ pk, sk }: Key): Attributes {
  return toAttributes({ pk, sk });
}

/** Every item of the table has a key of texts. */
function stored(item: Attributes): Item {
  return unmarshall(item) as Item;
}

type Fence = { readonly condition: string; readonly values?: Readonly<Record<string, unknown>> };

const NOT_STORED: Fence = { condition: "attribute_not_exists(pk)" };

/** The condition for writing `version`: nothing stored, or exactly the version before. */
function fenceOf(version: number): Fence {
  if (version === 1) return NOT_STORED;
  return { condition: "version = :before", values: { ":before": version - 1 } };
}

async function orConflict<T>(write: Promise<T>, conflict: () => T): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return conflict();
    throw error;
  }
}

function inputOf({ index, partition, sort, newestFirst, consistent }: Query) {
  const condition = sort ? sortCondition(sort) : undefined;
  return {
    ...(index && { IndexName: index }),
    KeyConditionExpression: condition ? `#pk = :pk AND ${condition.expression}` : "#pk = :pk",
    ExpressionAttributeNames: { "#pk": `${index ?? ""}pk`, ...(condition && { "#sk": `${index ?? ""}sk` }) },
    ExpressionAttributeValues: toAttributes({ ":pk": partition, ...condition?.values }),
    ...(newestFirst && { ScanIndexForward: false }),
    ...(consistent && { ConsistentRead: true }),
  };
}

function sortCondition(sort: SortCondition) {
  if ("begins" in sort)
    return { expression: "begins_with(#sk, :begins)", values: { ":begins": sort.begins } };
  if ("upTo" in sort) return { expression: "#sk <= :upTo", values: { ":upTo": sort.upTo } };
  if ("before" in sort) return { expression: "#sk < :before", values: { ":before": sort.before } };
  if ("after" in sort) return { expression: "#sk > :after", values: { ":after": sort.after } };
  const [from, to] = sort.between;
  return { expression: "#sk BETWEEN :from AND :to", values: { ":from": from, ":to": to } };
}

function read<T>(item: Readonly<Record<string, unknown>>, schema: z.ZodMiniType<T>): T {
  const name = `Item ${String(item["pk"])} ${String(item["sk"])}`;
  const version = item["schemaVersion"];
  if (typeof version !== "number" || version > SCHEMA_VERSION) throw new UnreadableRecordError(name);
  const parsed = schema.safeParse(item);
  if (!parsed.success) throw new UnreadableRecordError(name, { cause: parsed.error });
  return parsed.data;
}

/** The records of a query without their items. */
export async function* records<T>(found: AsyncIterable<Found<T>>): AsyncIterable<T> {
  for await (const { record } of found) yield record;
}
