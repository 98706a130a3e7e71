import type { EcsStore } from "./ecs-store.ts";

export type CollectionOptions<T> = {
  readonly kind: string;
  readonly store: EcsStore;
  readonly arnOf: (record: T) => string;
  readonly groupOf: (arn: string) => string;
};

type Entry<T> = { readonly order: number; readonly record: T };

/**
 * Records of one kind by ARN, each in a group (a cluster, an account and Region), in memory and written through. They keep
 * the order in which they came, also over a restart: pages go by it.
 */
export class Collection<T extends object> {
  readonly #groups = new Map<string, Map<string, Entry<T>>>();
  readonly #options: CollectionOptions<T>;
  #last = 0;

  constructor(options: CollectionOptions<T>) {
    this.#options = options;
    for (const { order, record } of options.store.load(options.kind)) {
      this.#groupOf(options.arnOf(record as T)).set(options.arnOf(record as T), {
        order,
        record: record as T,
      });
      this.#last = order;
    }
  }

  get(arn: string): T | undefined {
    return this.#groups.get(this.#options.groupOf(arn))?.get(arn)?.record;
  }

  /** Adds it, or replaces the one of its ARN in its place. */
  set(record: T): T {
    const arn = this.#options.arnOf(record);
    const group = this.#groupOf(arn);
    const order = group.get(arn)?.order ?? this.#last + 1;
    this.#last = Math.max(this.#last, order);
    group.set(arn, { order, record });
    this.#options.store.put(this.#options.kind, arn, { order, record });
    return record;
  }

  delete(arn: string): void {
    this.#groups.get(this.#options.groupOf(arn))?.delete(arn);
    this.#options.store.delete(this.#options.kind, arn);
  }

  /** Those of a group, oldest first. */
  *of(group: string): IterableIterator<T> {
    for (const { record } of this.#groups.get(group)?.values() ?? []) yield record;
  }

  *all(): IterableIterator<T> {
    for (const group of this.#groups.keys()) yield* this.of(group);
  }

  /** Up to `most` of a group that came after `after`, and where the next page starts. What goes meanwhile moves nothing. */
  page(
    group: string,
    request: { readonly after: number; readonly most: number; readonly wanted: (record: T) => boolean },
  ) {
    const items: T[] = [];
    let next: number | undefined;
    for (const { order, record } of this.#groups.get(group)?.values() ?? []) {
      if (order <= request.after || !request.wanted(record)) continue;
      if (items.length === request.most) return { items, next };
      items.push(record);
      next = order;
    }
    return { items, next: undefined };
  }

  /** Forgets all of them; the store is cleared by whoever owns it. */
  clear(): void {
    this.#groups.clear();
  }

  #groupOf(arn: string): Map<string, Entry<T>> {
    const name = this.#options.groupOf(arn);
    const group = this.#groups.get(name) ?? new Map<string, Entry<T>>();
    this.#groups.set(name, group);
    return group;
  }
}
