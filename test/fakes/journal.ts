/** One item write, in the words of the record it stores. */
export type Write = {
  readonly kind:
    | "image"
    | "image-history"
    | "tag"
    | "tag-history"
    | "manifest"
    | "edge"
    | "violation"
    | "replica"
    | "summary"
    | "brake"
    | "registry"
    | "run"
    | "audit"
    | "deed"
    | "usage"
    | "source-state"
    | "snapshot"
    | "consumers";
  readonly key: string;
  readonly version?: number;
};

/** What the memory stores wrote, in order. One entry is one item write in the table. */
export type Journal = {
  readonly writes: Write[];
  /** Called before an item is written: throw to play a crash, or write something else to play another worker. */
  before: ((write: Write) => void | Promise<void>) | undefined;
};

export function newJournal(): Journal {
  return { writes: [], before: undefined };
}

/** Runs `apply` between the hook and the journal, as one atomic write. */
export async function journaled(journal: Journal, write: Write, apply: () => void): Promise<void> {
  await journal.before?.(write);
  apply();
  journal.writes.push(write);
}
