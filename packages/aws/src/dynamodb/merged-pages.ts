import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type * as z from "@tallyman/domain/zod";
import { SHARDS } from "./layout.ts";
import type { Found, Query, Table } from "./table.ts";

export type ShardedList = {
  /** The partition of a shard: `OPEN#3`. */
  readonly partition: (shard: string) => string;
  readonly index?: "gsi2";
  readonly newestFirst?: boolean;
};

/**
 * One page of a list that lies in 16 shards, in the order of its sort key: the first `limit` of each shard's own first
 * `limit`. `next` is the sort key of the last item given; sort keys are unique within such a list.
 */
export async function mergedPage<T>(
  table: Table,
  list: ShardedList,
  { schema, limit, next }: PageRequest & { readonly schema: z.ZodMiniType<T> },
): Promise<Page<T>> {
  const first = (shard: string) =>
    take(table.query(queryOf(list, shard, { limit, next }), schema), limit + 1);
  const shards = await Promise.all(SHARDS.map(first));
  const sortKey = (it: Found<T>) => String(it.item[`${list.index ?? ""}sk`]);
  const sign = list.newestFirst ? -1 : 1;
  const merged = shards.flat().toSorted((a, b) => (sortKey(a) < sortKey(b) ? -sign : sign));
  const given = merged.slice(0, limit);
  const last = given.at(-1);
  return {
    items: given.map((it) => it.record),
    ...(merged.length > limit && last && { next: sortKey(last) }),
  };
}

function queryOf(list: ShardedList, shard: string, page: { limit: number; next: string | undefined }): Query {
  const { next } = page;
  return {
    partition: list.partition(shard),
    pageSize: page.limit + 1,
    ...(list.index && { index: list.index }),
    ...(list.newestFirst && { newestFirst: true }),
    ...(next !== undefined && { sort: list.newestFirst ? { before: next } : { after: next } }),
  };
}

async function take<T>(all: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const one of all) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}
