import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { Embedded } from "./embedded.ts";
import { EAST } from "./registries.ts";
import { credentialsOf } from "./registry-client.ts";

type Consumption = { readonly itemWrites: number };
type Consumed = { readonly table: string; readonly principals: Readonly<Record<string, Consumption>> };

async function consumed(product: Embedded): Promise<readonly Consumed[]> {
  return (await product.control("GET", "consumed"))["consumed"] as readonly Consumed[];
}

/** Items that were put, updated or deleted since the start, by role. */
export async function itemWrites(product: Embedded): Promise<Readonly<Record<string, number>>> {
  const [table] = await consumed(product);
  return Object.fromEntries(
    Object.entries(table?.principals ?? {}).map(([principal, it]) => [principal, it.itemWrites]),
  );
}

/** What each role wrote between two readings; those that wrote nothing are left out. */
export function writtenSince(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const changes = Object.entries(after).map(([role, count]) => [role, count - (before[role] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, count]) => count > 0));
}

/** What each reconcile dates anew: repositories' summaries, and what it says of itself. */
const OF_RECONCILES = /^(R#.* SUM|[GJ]#.*)$/;

/** Every item of the table but those. By key. */
export async function facts(product: Embedded): Promise<Readonly<Record<string, unknown>>> {
  const [table] = await consumed(product);
  const client = new DynamoDBClient({
    endpoint: product.url,
    region: EAST.region,
    credentials: credentialsOf(EAST.account),
  });
  const found: Record<string, unknown> = {};
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table?.table ?? "" }))
    for (const item of Items) {
      const key = `${item["pk"]?.S} ${item["sk"]?.S}`;
      if (!OF_RECONCILES.test(key)) found[key] = item;
    }
  client.destroy();
  return found;
}
