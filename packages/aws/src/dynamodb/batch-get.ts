import { setTimeout as pause } from "node:timers/promises";
import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

export type Attributes = Record<string, AttributeValue>;

/** BatchGetItem takes so many keys. */
const BATCH = 100;

/** What a request left out (too many bytes, no capacity) is asked for again so many times, then the message comes back. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 25;

/**
 * What is stored under these keys, in no order, strongly consistently; each key once, any number of them. Throws
 * UnprocessedKeysError.
 */
export async function* batchGet(
  client: DynamoDBClient,
  tableName: string,
  keys: readonly Attributes[],
): AsyncIterable<Attributes> {
  for (let from = 0; from < keys.length; from += BATCH) {
    yield* getBatch(client, tableName, keys.slice(from, from + BATCH));
  }
}

async function* getBatch(
  client: DynamoDBClient,
  tableName: string,
  keys: readonly Attributes[],
): AsyncIterable<Attributes> {
  let left: readonly Attributes[] = keys;
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > ATTEMPTS) throw new UnprocessedKeysError(left.length);
    if (attempt > 1) await pause(FIRST_PAUSE_MS * 2 ** (attempt - 2) * (0.5 + Math.random() / 2));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: [...left], ConsistentRead: true } } }),
    );
    yield* Responses?.[tableName] ?? [];
    left = UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
}

/** DynamoDB kept leaving some of what was asked for out of its answers: nothing may be concluded from the rest. */
export class UnprocessedKeysError extends Error {
  readonly code = "UNPROCESSED_KEYS";

  constructor(count: number) {
    super(
      `DynamoDB left ${count} item(s) out of ${ATTEMPTS} answers; they are not known to be absent, try again.`,
    );
    this.name = "UnprocessedKeysError";
  }
}
