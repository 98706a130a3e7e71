import type { Deed, DeedLog, DeedQueries } from "@tallyman/domain/history/deed";
import { inRepository, sameRepository } from "./fenced-map.ts";
import { type Journal, journaled, newJournal } from "./journal.ts";

export type MemoryDeedLog = DeedLog & DeedQueries & { readonly deeds: ReadonlyMap<string, Deed> };

/** Deeds by their natural key, once each; `next` is the number of deeds already given. */
export function memoryDeedLog(journal: Journal = newJournal()): MemoryDeedLog {
  const deeds = new Map<string, Deed>();
  const keyOf = (deed: Deed) => inRepository(deed, deed.at, deed.event, String(deed.place).padStart(4, "0"));
  return {
    deeds,
    async append(deed) {
      const key = keyOf(deed);
      if (deeds.has(key)) return;
      await journaled(journal, { kind: "deed", key }, () => void deeds.set(key, structuredClone(deed)));
    },
    async listDeeds(about, { limit, next }) {
      const wanted = [...deeds]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, deed]) => deed)
        .filter((deed) => isAbout(deed, about));
      const from = next === undefined ? 0 : Number(next);
      const items = wanted.slice(from, from + limit);
      return { items, ...(from + limit < wanted.length && { next: String(from + limit) }) };
    },
  };
}

function isAbout(deed: Deed, about: Parameters<DeedQueries["listDeeds"]>[0]): boolean {
  if (about.repository !== undefined && !sameRepository(deed, about.repository)) return false;
  if ("digest" in about) return deed.digest === about.digest;
  return about.from === undefined || deed.at >= about.from;
}
