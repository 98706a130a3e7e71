import * as z from "zod";
import type { Engine } from "./engine.ts";
import type { TableDefinition } from "./table-definition.ts";

const Page = z.object({
  Items: z.array(z.record(z.string(), z.unknown())).default([]),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
});

/** AWS leaves an item alone whose time lies more than five years back. */
const OLDEST_SECONDS = 5 * 365 * 86_400;

/**
 * Deletes what has expired at `now`; returns how many items. On AWS that takes up to some days, here it is prompt.
 * Conditional on the time still being over, so that an item written again meanwhile stays.
 */
export async function expireItems(engine: Engine, definition: TableDefinition, now: Date): Promise<number> {
  const { ttlAttribute } = definition;
  if (ttlAttribute === undefined) return 0;
  const condition = expiredCondition(ttlAttribute, now);
  let deleted = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const page = await scan(engine, definition, { ...condition, start });
    for (const item of page.Items) deleted += await remove(engine, definition, { ...condition, item });
    start = page.LastEvaluatedKey;
  } while (start);
  return deleted;
}

type Condition = ReturnType<typeof expiredCondition>;

function expiredCondition(attribute: string, now: Date) {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    expression: "#ttl <= :now AND #ttl > :oldest",
    names: { "#ttl": attribute },
    values: { ":now": { N: String(seconds) }, ":oldest": { N: String(seconds - OLDEST_SECONDS) } },
  };
}

async function scan(
  engine: Engine,
  { account, region, name }: TableDefinition,
  { start, expression, names, values }: Condition & { start: Record<string, unknown> | undefined },
) {
  const input = {
    TableName: name,
    FilterExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ...(start && { ExclusiveStartKey: start }),
  };
  const answer = await engine.perform({ account, region, operation: "Scan", body: JSON.stringify(input) });
  if (answer.status !== 200) throw new Error(`Table ${name} cannot be scanned: ${answer.body}`);
  return Page.parse(JSON.parse(answer.body));
}

async function remove(
  engine: Engine,
  { account, region, name, keys }: TableDefinition,
  { item, expression, names, values }: Condition & { item: Record<string, unknown> },
): Promise<number> {
  const input = {
    TableName: name,
    Key: Object.fromEntries(keys.map((key) => [key, item[key]])),
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
  const answer = await engine.perform({
    account,
    region,
    operation: "DeleteItem",
    body: JSON.stringify(input),
  });
  return answer.status === 200 ? 1 : 0;
}
