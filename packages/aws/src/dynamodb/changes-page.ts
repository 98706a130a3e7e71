import type { Change } from "@tallyman/domain/history/change";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { ImageRecord, TagPointer } from "@tallyman/domain/inventory/records";
import * as z from "@tallyman/domain/zod";
import { mergedPage } from "./merged-pages.ts";
import { StoredImage, StoredTag } from "./record-schemas.ts";
import type { Table } from "./table.ts";

const StoredChange: z.ZodMiniType<ImageRecord | TagPointer> = z.union([StoredImage, StoredTag]);

const DAY_MS = 24 * 60 * 60_000;

/** Each day is a query of 16 shards: so many days are looked at for one page, however quiet they were. */
const DAYS_AT_A_TIME = 10;

/**
 * One page of what changed after `since`, newest first, day by day. `next` is the sort key of the last change given, or
 * the day to go on with.
 */
export async function changesPage(
  table: Table,
  { since, now }: { readonly since: string; readonly now: string },
  { limit, next }: PageRequest,
): Promise<Page<Change>> {
  const items: Change[] = [];
  let day = (next ?? now).slice(0, 10);
  let before = next !== undefined && next.length > 10 ? next : undefined;
  for (let looked = 0; looked < DAYS_AT_A_TIME; looked++) {
    if (day < since.slice(0, 10)) return { items };
    const page = await changesOfDay(table, { day, since }, { limit: limit - items.length, before });
    items.push(...page.items);
    if (page.next !== undefined) return { items, next: page.next };
    day = new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
    before = undefined;
    if (items.length === limit) break;
  }
  return day < since.slice(0, 10) ? { items } : { items, next: day };
}

async function changesOfDay(
  table: Table,
  { day, since }: { readonly day: string; readonly since: string },
  { limit, before }: { readonly limit: number; readonly before: string | undefined },
): Promise<Page<Change>> {
  const list = {
    index: "gsi2",
    partition: (shard: string) => `CHANGED#${day}#${shard}`,
    newestFirst: true,
  } as const;
  const page = await mergedPage(table, list, {
    limit,
    schema: StoredChange,
    ...(before !== undefined && { next: before }),
  });
  const changes = page.items.map(changeOf);
  const items = changes.filter(({ at }) => at > since);
  // Newest first: behind one that is too old there is none that is not.
  return items.length < changes.length ? { items } : { ...page, items };
}

function changeOf(record: ImageRecord | TagPointer): Change {
  if ("tag" in record) return { at: record.since, kind: "tag", tag: record };
  return { at: record.changedAt, kind: "image", image: record };
}
