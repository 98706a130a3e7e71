import type { Registry } from "@tallyman/domain/registry/registry";
import { fromEach } from "./registries.ts";

/**
 * The lists of several registries as one in the same order, `compare`'s: of each only as much is read as is needed. Unknown
 * ones are passed over as by `fromEach`.
 */
export async function* mergedFromEach<T>(
  registries: readonly Registry[],
  list: (registry: Registry) => AsyncIterable<T>,
  compare: (a: T, b: T) => number,
): AsyncIterable<T> {
  const open = await Array.fromAsync(fromEach(registries, (registry) => begun(list(registry))));
  for (;;) {
    const [first, ...others] = open;
    if (first === undefined) return;
    const least = others.reduce((a, b) => (compare(b.head, a.head) < 0 ? b : a), first);
    yield least.head;
    const next = await least.rest.next();
    if (next.done) open.splice(open.indexOf(least), 1);
    else least.head = next.value;
  }
}

type Begun<T> = { head: T; readonly rest: AsyncIterator<T> };

async function* begun<T>(list: AsyncIterable<T>): AsyncIterable<Begun<T>> {
  const rest = list[Symbol.asyncIterator]();
  const first = await rest.next();
  if (!first.done) yield { head: first.value, rest };
}
