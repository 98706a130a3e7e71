import { isDeepStrictEqual } from "node:util";
import { registryName } from "@tallyman/domain/registry/registry";
import { SnapshotConflictError, UnreadableEvidenceError } from "@tallyman/domain/usage/errors";
import type {
  RegistryConsumers,
  Snapshot,
  SourceState,
  UsageKey,
  UsageRecord,
} from "@tallyman/domain/usage/evidence";
import type {
  ConsumersStore,
  SnapshotStore,
  SourceStateStore,
  UsageStore,
} from "@tallyman/domain/usage/ports";
import { subjectName } from "@tallyman/domain/usage/use";
import { each, fencedMap, keyOf } from "./fenced-map.ts";
import { type Journal, journaled, newJournal } from "./journal.ts";

export type MemoryUsage = {
  readonly usage: UsageStore;
  readonly states: SourceStateStore;
  readonly snapshots: SnapshotStore & {
    /** From now on it cannot be read, or is not there. */
    damage(of: Pick<Snapshot, "source" | "scope" | "sequence">, how: "unreadable" | "gone"): void;
  };
  readonly consumers: ConsumersStore;
  readonly journal: Journal;
  /** Every use, ended ones included. */
  uses(): readonly UsageRecord[];
  source(source: string): readonly SourceState[];
};

/** What is known of what runs, in memory: fenced, with a journal of its writes. Nothing is ever forgotten. */
export function memoryUsage(journal: Journal = newJournal()): MemoryUsage {
  const uses = fencedMap<UsageRecord>("usage", journal);
  const states = fencedMap<SourceState>("source-state", journal);
  const keysOf = new Map<string, Set<string>>();
  const ofSource = (source: string) => states.values().filter((state) => state.source === source);
  return {
    journal,
    uses: () => uses.values(),
    source: ofSource,
    usage: {
      findUsage: async (key) => uses.find(usageKey(key)),
      putUsage: async (record) => {
        await uses.put(usageKey(record), record);
        const subject = subjectName(record.subject);
        keysOf.set(subject, (keysOf.get(subject) ?? new Set()).add(usageKey(record)));
      },
      listUsage: (subject) =>
        each(() => [...(keysOf.get(subjectName(subject)) ?? [])].flatMap((key) => uses.find(key) ?? [])),
    },
    states: {
      findState: async (source, scope) => states.find(keyOf(source, scope)),
      putState: (state) => states.put(keyOf(state.source, state.scope), state),
      listStates: (source) => each(() => ofSource(source)),
    },
    snapshots: memorySnapshots(journal),
    consumers: memoryConsumers(journal),
  };
}

function memorySnapshots(journal: Journal): MemoryUsage["snapshots"] {
  const snapshots = new Map<string, Snapshot>();
  const unreadable = new Set<string>();
  return {
    damage: (of, how) => void (how === "gone" ? snapshots.delete(nameOf(of)) : unreadable.add(nameOf(of))),
    putSnapshot: async (snapshot) => {
      const key = nameOf(snapshot);
      let isNew = false;
      await journaled(journal, { kind: "snapshot", key }, () => {
        const known = snapshots.get(key);
        isNew = known === undefined;
        if (known && !isDeepStrictEqual(known, { ...snapshot, receivedAt: known.receivedAt }))
          throw new SnapshotConflictError(snapshot.source, snapshot.scope, snapshot.sequence);
        if (isNew) snapshots.set(key, structuredClone(snapshot));
      });
      return isNew;
    },
    findSnapshot: async (source, scope, sequence) => {
      const key = nameOf({ source, scope, sequence });
      if (unreadable.has(key)) throw new UnreadableEvidenceError(key);
      return structuredClone(snapshots.get(key));
    },
  };
}

function memoryConsumers(journal: Journal): ConsumersStore {
  const documents = new Map<string, RegistryConsumers>();
  return {
    putConsumers: (consumers) => {
      const key = registryName(consumers);
      return journaled(journal, { kind: "consumers", key }, () =>
        documents.set(key, structuredClone(consumers)),
      );
    },
    findConsumers: async (registry) => structuredClone(documents.get(registryName(registry))),
  };
}

function nameOf({ source, scope, sequence }: Pick<Snapshot, "source" | "scope" | "sequence">): string {
  return keyOf(source, scope, String(sequence));
}

function usageKey({ subject, source, scope, account, cluster, service }: UsageKey): string {
  return JSON.stringify([subjectName(subject), source, scope, account, cluster, service]);
}
