import type { Page, PageRequest } from "../inventory/ports.ts";

const LIMIT = 100;

/** All items of a paged list. */
export async function* everyPage<T>(list: (page: PageRequest) => Promise<Page<T>>): AsyncIterable<T> {
  let next: string | undefined;
  do {
    const page = await list({ limit: LIMIT, ...(next !== undefined && { next }) });
    yield* page.items;
    next = page.next;
  } while (next !== undefined);
}
