import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { Context } from "hono";
import type { ApiEnv } from "./caller.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import type { ApiDeps } from "./deps.ts";

export type PagedQuery<T> = {
  readonly operation: string;
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly filters: Readonly<Record<string, string | undefined>>;
  read(page: PageRequest): Promise<Page<T>>;
};

/** Reads one page of a store and signs where the next begins; throws InvalidCursorError. */
export async function readPage<T>(
  c: Context<ApiEnv>,
  deps: Pick<ApiDeps, "cursorKey">,
  query: PagedQuery<T>,
): Promise<Page<T>> {
  const { operation, filters, cursor, limit } = query;
  const scope = { operation, filters, principal: c.get("caller").arn };
  const next = cursor === undefined ? undefined : openCursor(await deps.cursorKey(), scope, cursor);
  const page = await query.read(next === undefined ? { limit } : { limit, next });
  if (page.next === undefined) return { items: page.items };
  return { items: page.items, next: sealCursor(await deps.cursorKey(), scope, page.next) };
}

const PAGES_LOOKED_AT = 10;

/**
 * A page of the items that `keep` lets through: the first pages of the store that hold any, at most ten of them. It can
 * hold fewer items than asked for, even none, and have a `next` all the same.
 */
export async function readFiltered<T>(
  read: (page: PageRequest) => Promise<Page<T>>,
  first: PageRequest,
  keep: (item: T) => boolean,
): Promise<Page<T>> {
  let page = await read(first);
  for (let looked = 1; looked < PAGES_LOOKED_AT; looked++) {
    if (page.next === undefined || page.items.some(keep)) break;
    page = await read({ limit: first.limit, next: page.next });
  }
  return { ...page, items: page.items.filter(keep) };
}
