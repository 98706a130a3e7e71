import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { type Attributes, itemBytes, readUnits, refusedUnits, writeUnits } from "./capacity.ts";
import type { Meter } from "./meter.ts";

export type DiskTable = {
  /** For the product's own adapters. Knows what they send in a reconcile and throws at anything else. */
  readonly client: DynamoDBClient;
  /** Drops everything but summaries and what is known of registries and runs: one repository's records at a time. */
  forget(): void;
  close(): void;
};

/** DynamoDB gives so much in one page. */
const PAGE_BYTES = 2 ** 20;

/** Storage that DynamoDB adds to each item, in the table and in each index. */
const OVERHEAD_BYTES = 100;

/** Writes between two commits; nothing here outlives the process. */
const COMMIT_EVERY = 5000;

/**
 * A table in a file, so that its items take none of the memory that is measured, and asked without a network. Counts
 * calls, capacity units and items written by kind, as DynamoDB would.
 */
export function openDiskTable(directory: string, meter: Meter): DiskTable {
  const database = new DatabaseSync(join(directory, "table.sqlite"));
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;
    CREATE TABLE records (pk TEXT, sk TEXT, body TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
    CREATE TABLE lasting (pk TEXT, sk TEXT, gsi2pk TEXT, gsi2sk TEXT, body TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
    CREATE INDEX gsi2 ON lasting (gsi2pk, gsi2sk);
    BEGIN`);
  const find = {
    records: database.prepare("SELECT body FROM records WHERE pk = ? AND sk = ?"),
    lasting: database.prepare("SELECT body FROM lasting WHERE pk = ? AND sk = ?"),
  };
  const put = {
    records: database.prepare("INSERT OR REPLACE INTO records (pk, sk, body) VALUES (?, ?, ?)"),
    lasting: database.prepare(
      "INSERT OR REPLACE INTO lasting (pk, sk, body, gsi2pk, gsi2sk) VALUES (?, ?, ?, ?, ?)",
    ),
  };
  const list = {
    records: database.prepare("SELECT body FROM records WHERE pk = ? AND sk > ? AND sk < ? ORDER BY sk"),
    lasting: database.prepare("SELECT body FROM lasting WHERE pk = ? AND sk > ? AND sk < ? ORDER BY sk"),
    gsi2: database.prepare(
      "SELECT body FROM lasting WHERE gsi2pk = ? AND gsi2sk > ? AND gsi2sk < ? ORDER BY gsi2sk",
    ),
  };
  let writes = 0;

  function read(key: Attributes | undefined): Attributes | undefined {
    const [pk, sk] = [textOf(key, "pk"), textOf(key, "sk")];
    const row = find[placeOf(pk, sk)].get(pk, sk);
    return row && (JSON.parse(String(row["body"])) as Attributes);
  }

  function write({ Item = {}, ConditionExpression, ExpressionAttributeValues }: PutItemCommandInput): void {
    const before = read(Item);
    const expected = ExpressionAttributeValues?.[":before"]?.N;
    const met = expected === undefined ? before === undefined : before?.["version"]?.N === expected;
    if (ConditionExpression !== undefined && !met) {
      meter.add("units:write", refusedUnits(before));
      throw new ConditionalCheckFailedException({ message: "refused", $metadata: {} });
    }
    const [pk, sk] = [textOf(Item, "pk"), textOf(Item, "sk")];
    const place = placeOf(pk, sk);
    const more = place === "lasting" ? [Item["gsi2pk"]?.S ?? null, Item["gsi2sk"]?.S ?? null] : [];
    put[place].run(pk, sk, JSON.stringify(Item), ...more);
    if (++writes % COMMIT_EVERY === 0) database.exec("COMMIT; BEGIN");
    meter.add("units:write", writeUnits(before, Item));
    meter.add(`item:${kindOf(pk, sk)}`);
    const stored = itemBytes(Item) + OVERHEAD_BYTES;
    meter.add("stored:items", stored);
    meter.add("stored:indexes", stored * indexesOf(Item));
  }

  function query(input: QueryCommandInput) {
    const values = input.ExpressionAttributeValues ?? {};
    const [partition, begins] = [textOf(values, ":pk"), values[":begins"]?.S ?? ""];
    if (input.KeyConditionExpression?.includes("#sk") && values[":begins"] === undefined)
      throw new Error(`no such query here: ${input.KeyConditionExpression}`);
    if (input.IndexName === "gsi1") throw new Error("gsi1 is not kept here");
    const [pk, sk] = input.IndexName ? (["gsi2pk", "gsi2sk"] as const) : (["pk", "sk"] as const);
    const place = input.IndexName ? "gsi2" : placeOf(partition, begins);
    const from = input.ExclusiveStartKey?.[sk]?.S ?? begins.slice(0, -1);
    const Items: Attributes[] = [];
    let bytes = 0;
    for (const row of list[place].iterate(partition, from, `${begins}\u{10ffff}`)) {
      const item = JSON.parse(String(row["body"])) as Attributes;
      if (!textOf(item, sk).startsWith(begins)) continue;
      Items.push(item);
      bytes += itemBytes(item);
      if (Items.length === input.Limit || bytes >= PAGE_BYTES) break;
    }
    meter.add("units:read", readUnits(bytes, input.ConsistentRead === true));
    const last = Items.length === input.Limit || bytes >= PAGE_BYTES ? Items.at(-1) : undefined;
    const names = [...new Set(["pk", "sk", pk, sk])];
    return { Items, ...(last && { LastEvaluatedKey: pick(last, names) }) };
  }

  function get(key: Attributes | undefined, consistent: boolean): Attributes | undefined {
    const item = read(key);
    meter.add("units:read", readUnits(item ? itemBytes(item) : 0, consistent));
    return item;
  }

  async function send(command: unknown): Promise<unknown> {
    if (command instanceof PutItemCommand) {
      meter.add("dynamodb:PutItem");
      write(command.input);
      return {};
    }
    if (command instanceof GetItemCommand) {
      meter.add("dynamodb:GetItem");
      return { Item: get(command.input.Key, command.input.ConsistentRead === true) };
    }
    if (command instanceof QueryCommand) {
      meter.add("dynamodb:Query");
      return query(command.input);
    }
    if (command instanceof BatchGetItemCommand) {
      meter.add("dynamodb:BatchGetItem");
      const [[table, wanted] = []] = Object.entries(command.input.RequestItems ?? {});
      const items = (wanted?.Keys ?? []).map((key) => get(key, wanted?.ConsistentRead === true));
      return { Responses: { [table ?? ""]: items.filter((item) => item !== undefined) } };
    }
    throw new Error("no such operation here");
  }

  return {
    client: { send } as unknown as DynamoDBClient,
    forget: () => database.exec("DELETE FROM records"),
    close: () => database.close(),
  };
}

function textOf(item: Attributes | undefined, name: string): string {
  return item?.[name]?.S ?? "";
}

function placeOf(pk: string, sk: string): "records" | "lasting" {
  return sk === "SUM" || /^[GJA]#/.test(pk) || pk === "CTL" ? "lasting" : "records";
}

/** As the layout of the table names them (packages/aws/src/dynamodb/layout.ts). */
function kindOf(pk: string, sk: string): string {
  if (pk.startsWith("M#")) return sk === "M" ? "head" : "edge";
  if (pk.startsWith("R#") && pk.endsWith("#H")) return "history";
  if (pk.startsWith("V#")) return "violation";
  if (pk.startsWith("A#")) return "audit";
  if (pk.startsWith("G#") || pk.startsWith("J#")) return "run";
  if (sk === "SUM") return "summary";
  if (sk.startsWith("I#")) return "image";
  return sk.startsWith("T#") ? "tag" : "other";
}

function indexesOf(item: Attributes): number {
  return Number(item["gsi1pk"] !== undefined) + Number(item["gsi2pk"] !== undefined);
}

function pick(item: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}
