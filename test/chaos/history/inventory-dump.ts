import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Stored } from "./tables.ts";

/** The inventory of one history as its items say, read past our own readers. */
export type InventoryDump = {
  /** Items of a repository by the beginning of their sort key: `I#`, `T#`, `SUM`. */
  of(repository: RepositoryRef, begins: string): readonly Stored[];
  /** Settled states of a tag or of an image's life, in the order of their versions. */
  settled(repository: RepositoryRef, subject: string): readonly Stored[];
  violations(repository: RepositoryRef): readonly Stored[];
};

export function inventoryDump(items: readonly Stored[]): InventoryDump {
  const byPartition = Map.groupBy(items, ({ pk }) => pk);
  const within = (pk: string, begins: string) =>
    (byPartition.get(pk) ?? []).filter(({ sk }) => sk.startsWith(begins)).toSorted(bySortKey);
  const name = ({ account, region, repository }: RepositoryRef) => `${account}#${region}#${repository}`;
  return {
    of: (repository, begins) => within(`R#${name(repository)}`, begins),
    settled: (repository, subject) => within(`R#${name(repository)}#H`, `${subject}#`),
    violations: (repository) => within(`V#${name(repository)}`, ""),
  };
}

function bySortKey(a: Stored, b: Stored): number {
  return a.sk < b.sk ? -1 : 1;
}

export function placeName(repository: RepositoryRef): string {
  return `${registryName(repository)}/${repository.repository}`;
}
