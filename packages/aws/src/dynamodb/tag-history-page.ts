import { mergeHistory } from "@tallyman/domain/inventory/next-tag-pointer";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { TagInterval, TagPointer } from "@tallyman/domain/inventory/records";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { historyKey, historyPk, tagKey } from "./layout.ts";
import { StoredTag } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/**
 * One page of a tag's past, oldest first. `next` is the last version given. The pointer is read before the settled
 * states: a move in between adds what it settled to the latter, so that the list may end early but has no hole.
 */
export async function tagHistoryPage(
  table: Table,
  { repository, tag }: { readonly repository: RepositoryRef; readonly tag: string },
  { limit, next }: PageRequest,
): Promise<Page<TagInterval>> {
  const given = next === undefined ? 0 : Number(next);
  const pointer = await table.get(tagKey(repository, tag), StoredTag);
  const settled = await settledAfter(table, { repository, tag }, { given, count: limit + 1 });
  // More history than one page: the pointer is not on this one, and the state after the last ends its interval.
  const onThisPage = pointer && pointer.version > given && settled.length <= limit;
  const merged = mergeHistory(onThisPage ? pointer : undefined, settled);
  const items = merged.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(merged.length > limit && last && { next: String(last.version) }) };
}

async function settledAfter(
  table: Table,
  { repository, tag }: { readonly repository: RepositoryRef; readonly tag: string },
  { given, count }: { readonly given: number; readonly count: number },
): Promise<readonly TagPointer[]> {
  const from = historyKey(repository, tag, given + 1).sk;
  const sort = { between: [from, `${tag}#~`] } as const;
  const query = { partition: historyPk(repository), sort, consistent: true, pageSize: count };
  const states: TagPointer[] = [];
  for await (const { record } of table.query(query, StoredTag)) {
    states.push(record);
    if (states.length === count) break;
  }
  return states;
}
