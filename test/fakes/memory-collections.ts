import type { Collected, CollectionPart, CollectionStore } from "@tallyman/domain/usage/ports";
import { keyOf } from "./fenced-map.ts";

export type MemoryCollections = CollectionStore & {
  /** Parts that are kept, by their place. */
  kept(): readonly string[];
};

/** What is being collected, in memory. */
export function memoryCollections(): MemoryCollections {
  const parts = new Map<string, Collected>();
  const nameOf = ({ source, account, region, run, part }: CollectionPart) =>
    keyOf(source, account, region, run, String(part));
  return {
    kept: () => [...parts.keys()],
    putCollected: async (part, collected) => void parts.set(nameOf(part), structuredClone(collected)),
    findCollected: async (part) => structuredClone(parts.get(nameOf(part))),
    dropCollected: async (last) => {
      for (let part = 0; part <= last.part; part++) parts.delete(nameOf({ ...last, part }));
    },
  };
}
