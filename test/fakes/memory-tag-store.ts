import type { StayEnd, TagStay } from "@tallyman/domain/history/tag-stay";
import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import type { TagStore } from "@tallyman/domain/inventory/ports";
import type { TagPointer } from "@tallyman/domain/inventory/records";
import { each, fencedMap, inRepository, sameRepository } from "./fenced-map.ts";
import type { Journal } from "./journal.ts";

export type MemoryTags = {
  readonly store: TagStore;
  /** Settled states that were written as history, by key. */
  history(): readonly TagPointer[];
  /** The same, with how each ended. */
  stays(): readonly (TagPointer & Pick<TagStay, "ended">)[];
  pointers(): readonly TagPointer[];
};

/** Pointers and their history; a move writes history first, as two separate item writes. */
export function memoryTagStore(journal: Journal): MemoryTags {
  const pointers = fencedMap<TagPointer>("tag", journal);
  const history = fencedMap<Interval & { readonly settledVersion: number }>("tag-history", journal);
  const pointingAt = (digest: string) => pointers.values().filter((pointer) => pointer.digest === digest);
  return {
    pointers: () => pointers.values(),
    history: () =>
      history.values().map(({ settledVersion, ended: _, ...it }) => ({ ...it, version: settledVersion })),
    stays: () => history.values().map(({ settledVersion, ...it }) => ({ ...it, version: settledVersion })),
    store: {
      findTag: async (repository, tag) => pointers.find(inRepository(repository, tag)),
      moveTag: async (settled, next) => {
        const key = inRepository(next, next.tag);
        if ((settled?.version ?? 0) !== next.version - 1) throw new FenceConflictError(`tag ${key}`);
        if (settled && settled.digest !== next.digest) {
          const interval = `${key} ${settled.version}`;
          if (!history.find(interval)) {
            const { forgetAt: _, ...state } = settled;
            const settledVersion = settled.version;
            await history.put(interval, { ...state, ended: endOf(next), settledVersion, version: 1 });
          }
        }
        await pointers.put(key, next);
      },
      listTags: (repository) => each(() => pointers.values().filter((it) => sameRepository(it, repository))),
      listTagsOf: (repository, digest) =>
        each(() => pointingAt(digest).filter((it) => sameRepository(it, repository))),
    },
  };
}

type Interval = TagPointer & Pick<TagStay, "ended">;

function endOf({ since, cause, why, digest }: TagPointer): StayEnd {
  return { at: since, cause, ...(why !== undefined && { why }), to: digest };
}
