import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type * as z from "@tallyman/domain/zod";
import { historyKey, historyPk, type Key } from "./layout.ts";
import { records, type Table } from "./table.ts";

type Versioned = { readonly version: number };

/** What has a past: a tag, or an image by its digest. */
export type Past<T, State> = {
  readonly repository: RepositoryRef;
  readonly subject: string;
  /** Where its present state lies. */
  readonly current: Key;
  readonly schema: z.ZodMiniType<T>;
  merge(current: T | undefined, settled: readonly T[]): readonly State[];
};

/**
 * One page of a past, oldest first. `next` is the last version given. The present state is read before the settled ones: a
 * change in between adds what it settled to the latter, so that the list may end early but has no hole.
 */
export async function historyPage<T extends Versioned, State extends Versioned>(
  table: Table,
  past: Past<T, State>,
  { limit, next }: PageRequest,
): Promise<Page<State>> {
  const given = next === undefined ? 0 : Number(next);
  const current = await table.get(past.current, past.schema);
  const settled = await settledAfter(table, past, { given, count: limit + 1 });
  // More history than one page: the present state is not on this one, and the one after the last ends its interval.
  const onThisPage = current && current.version > given && settled.length <= limit;
  const merged = past.merge(onThisPage ? current : undefined, settled);
  const items = merged.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(merged.length > limit && last && { next: String(last.version) }) };
}

async function settledAfter<T, State>(
  table: Table,
  { repository, subject, schema }: Past<T, State>,
  { given, count }: { readonly given: number; readonly count: number },
): Promise<readonly T[]> {
  const from = historyKey(repository, subject, given + 1).sk;
  const sort = { between: [from, `${subject}#~`] } as const;
  const query = { partition: historyPk(repository), sort, consistent: true, pageSize: count };
  const states: T[] = [];
  for await (const record of records(table.query(query, schema))) {
    states.push(record);
    if (states.length === count) break;
  }
  return states;
}
