import { mergeHistory } from "@tallyman/domain/inventory/next-tag-pointer";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { TagInterval } from "@tallyman/domain/inventory/records";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { historyPage } from "./history-page.ts";
import { tagKey } from "./layout.ts";
import { StoredTag } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** One page of a tag's past, oldest first. */
export function tagHistoryPage(
  table: Table,
  { repository, tag }: { readonly repository: RepositoryRef; readonly tag: string },
  page: PageRequest,
): Promise<Page<TagInterval>> {
  const subject = { repository, subject: tag, current: tagKey(repository, tag) };
  return historyPage(table, { ...subject, schema: StoredTag, merge: mergeHistory }, page);
}
