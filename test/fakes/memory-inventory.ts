import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import { type Brake, INITIAL_BRAKE } from "@tallyman/domain/brake/brake";
import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import type {
  AuditTrail,
  BrakeStore,
  ImageStore,
  InventoryQueries,
  ManifestStore,
  ReplicaStore,
  SummaryStore,
  TagStore,
  ViolationStore,
} from "@tallyman/domain/inventory/ports";
import type {
  ImageRecord,
  ReplicaRecord,
  RepositorySummary,
  ViolationRecord,
} from "@tallyman/domain/inventory/records";
import type { RunLog } from "@tallyman/domain/reconcile/run-log";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RegistryRecordStore } from "@tallyman/domain/registry/registry-records";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { each, fencedMap, inRepository, keyOf, sameRepository } from "./fenced-map.ts";
import { type Journal, journaled, newJournal } from "./journal.ts";
import { memoryListings } from "./memory-listings.ts";
import { memoryManifestStore } from "./memory-manifest-store.ts";
import { memoryQueries } from "./memory-queries.ts";
import { memoryRegistryRecords } from "./memory-registry-records.ts";
import { memoryRunLog } from "./memory-run-log.ts";
import { memoryTagStore } from "./memory-tag-store.ts";

export type MemoryInventory = {
  readonly images: ImageStore;
  readonly tags: TagStore;
  readonly manifests: ManifestStore;
  readonly violations: ViolationStore;
  readonly replicas: ReplicaStore;
  readonly summaries: SummaryStore;
  readonly registries: RegistryRecordStore;
  readonly runs: RunLog;
  readonly listings: ReturnType<typeof memoryListings>;
  readonly brake: BrakeStore;
  readonly audit: AuditTrail;
  readonly queries: InventoryQueries;
  readonly journal: Journal;
};

/** Every store of the inventory in memory: real and fenced, with a journal of its item writes. */
export function memoryInventory(): MemoryInventory {
  const journal = newJournal();
  const images = fencedMap<ImageRecord>("image", journal);
  const lives = fencedMap<ImageRecord & { readonly settledVersion: number }>("image-history", journal);
  const settledLives = () =>
    lives.values().map(({ settledVersion, ...settled }) => ({ ...settled, version: settledVersion }));
  const tags = memoryTagStore(journal);
  const violations = fencedMap<ViolationRecord>("violation", journal);
  const replicas = fencedMap<ReplicaRecord>("replica", journal);
  const summaries = fencedMap<RepositorySummary>("summary", journal);
  const manifests = memoryManifestStore(journal);
  const entries: AuditEntry[] = [];
  return {
    journal,
    images: {
      findImage: async (repository, digest) => images.find(inRepository(repository, digest)),
      putImage: async (record, settled) => {
        if (settled) {
          const key = keyOf(inRepository(record, record.digest), String(settled.version));
          const settledVersion = settled.version;
          if (!lives.find(key)) await lives.put(key, { ...settled, settledVersion, version: 1 });
        }
        await images.put(inRepository(record, record.digest), record);
      },
      listImages: (repository) =>
        each(() =>
          images.values().filter((image) => image.state === "open" && sameRepository(image, repository)),
        ),
    },
    tags: tags.store,
    manifests,
    violations: {
      findViolation: async (key) => violations.find(violationKey(key)),
      putViolation: (record) => violations.put(violationKey(record), record),
      listOpenViolations: (repository) =>
        each(() => violations.values().filter((it) => it.state === "open" && sameRepository(it, repository))),
    },
    replicas: {
      findReplica: async (key) => replicas.find(replicaKey(key)),
      putReplica: (record) => replicas.put(replicaKey(record), record),
      listDue: (now) =>
        each(() => replicas.values().filter(({ checkAt }) => checkAt !== undefined && checkAt <= now)),
    },
    summaries: {
      findSummary: async (repository) => summaries.find(inRepository(repository)),
      putSummary: (summary) => summaries.put(inRepository(summary), summary),
      listRepositories: (registry) =>
        each(() =>
          summaries
            .values()
            .filter((it) => registryName(it) === registryName(registry))
            .map((it) => it.repository),
        ),
      listSummaries: (registry) =>
        each(() => summaries.values().filter((it) => registryName(it) === registryName(registry))),
    },
    registries: memoryRegistryRecords(journal),
    runs: memoryRunLog(journal),
    listings: memoryListings(),
    brake: memoryBrakeStore(journal),
    audit: {
      append: async (entry) => {
        if (entries.some((known) => known.id === entry.id && known.at === entry.at)) return;
        await journaled(journal, { kind: "audit", key: entry.id }, () => void entries.push(entry));
      },
    },
    queries: memoryQueries({
      images,
      lives: settledLives,
      tags,
      violations,
      replicas,
      summaries,
      heads: () => manifests.heads,
      edges: () => manifests.edges,
      audit: () => entries,
    }),
  };
}

/** `unreadable`: every read throws from then on. */
export function memoryBrakeStore(journal = newJournal()): BrakeStore & { unreadable: boolean } {
  let brake: Brake = INITIAL_BRAKE;
  return {
    unreadable: false,
    async readBrake() {
      if (this.unreadable) throw new Error("the table cannot be read");
      return brake;
    },
    putBrake: (next) =>
      journaled(journal, { kind: "brake", key: "brake", version: next.version }, () => {
        if (brake.version !== next.version - 1) throw new FenceConflictError("brake");
        brake = next;
      }),
  };
}

function violationKey(it: RepositoryRef & { rule: string; tag: string }): string {
  return inRepository(it, it.rule, it.tag);
}

function replicaKey(it: Pick<ReplicaRecord, "destination" | "repository" | "digest" | "tag">): string {
  return keyOf(registryName(it.destination), it.repository, it.digest, it.tag);
}
