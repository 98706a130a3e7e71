/** How many are looked at side by side: a large account takes long, and is throttled early. */
const AT_ONCE = 6;

/** What `work` says of each item, in the items' order, while it is done for a few of them at once. */
export async function* inOrder<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<readonly R[]>,
): AsyncIterable<R> {
  const begun: Promise<readonly R[]>[] = [];
  const begin = (item: T) => {
    const one = work(item);
    // It is awaited in its turn; until then a failure of it is not unheard.
    one.catch(() => undefined);
    begun.push(one);
  };
  for (const item of items.slice(0, AT_ONCE)) begin(item);
  for (const [i] of items.entries()) {
    yield* (await begun[i]) ?? [];
    for (const next of items.slice(i + AT_ONCE, i + AT_ONCE + 1)) begin(next);
  }
}
