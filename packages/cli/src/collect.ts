import type { Context } from "./context.ts";

/** `about`: what JSON says beside the items. */
export type Collected<T> = {
  readonly items: readonly T[];
  readonly truncated: boolean;
  readonly about?: Readonly<Record<string, unknown>>;
};

/** The first items up to the limit, with a counter while it takes long; says so when there are more. */
export async function collect<T>(
  context: Context,
  what: string,
  source: AsyncIterable<T>,
): Promise<Collected<T>> {
  const items: T[] = [];
  for await (const item of source) {
    if (items.length >= context.limit) return { items, truncated: true };
    items.push(item);
    if (items.length % 100 === 0) context.terminal.progress(`${items.length} ${what} ...`);
  }
  return { items, truncated: false };
}

/** Shows what was collected: `{"items": [...], "truncated": false}`, or a table. */
export function show<T>(
  context: Context,
  what: string,
  { items, truncated, about }: Collected<T>,
  table: (rows: readonly T[]) => void,
): void {
  if (context.json) {
    context.terminal.json({ items, truncated, ...about });
    return;
  }
  if (items.length === 0) context.terminal.note(`no ${what}`);
  else table(items);
  if (truncated) context.terminal.note(`there are more than ${items.length} ${what}: --limit all lists them`);
}
