import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { type Journal, journaled, type Write } from "./journal.ts";

/** Records by natural key, written only on their fence, like an item with a condition on `version`. */
export type FencedMap<T> = {
  find(key: string): T | undefined;
  put(key: string, record: T): Promise<void>;
  /** In key order. */
  values(): readonly T[];
};

export function fencedMap<T extends { readonly version: number }>(
  kind: Write["kind"],
  journal: Journal,
): FencedMap<T> {
  const records = new Map<string, T>();
  return {
    find: (key) => structuredClone(records.get(key)),
    values: () =>
      [...records].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => structuredClone(value)),
    put: (key, record) =>
      journaled(journal, { kind, key, version: record.version }, () => {
        if ((records.get(key)?.version ?? 0) !== record.version - 1)
          throw new FenceConflictError(`${kind} ${key}`);
        records.set(key, structuredClone(record));
      }),
  };
}

/** The natural key of a record from its parts; the separator occurs in none of them. */
export function keyOf(...parts: readonly string[]): string {
  return parts.join(" ");
}

export function inRepository(repository: RepositoryRef, ...rest: readonly string[]): string {
  return keyOf(registryName(repository), repository.repository, ...rest);
}

export function sameRepository(a: RepositoryRef, b: RepositoryRef): boolean {
  return inRepository(a) === inRepository(b);
}

export async function* each<T>(list: () => Iterable<T>): AsyncIterable<T> {
  yield* list();
}
