import type { Access } from "@tallyman/domain/access/access";
import type { DeadLetterQueues } from "@tallyman/domain/dead-letter/ports";
import type { DeedQueries } from "@tallyman/domain/history/deed";
import type {
  AuditTrail,
  BrakeStore,
  ImageStore,
  InventoryQueries,
  ManifestStore,
  SummaryStore,
  TagStore,
} from "@tallyman/domain/inventory/ports";
import type { StoragePrices } from "@tallyman/domain/listing/monthly-cost";
import type { ListingStore } from "@tallyman/domain/listing/ports";
import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";
import type { RunLog } from "@tallyman/domain/reconcile/run-log";
import type { RegistryCheckQueue } from "@tallyman/domain/registry/check-job";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type { RegistryRecordStore } from "@tallyman/domain/registry/registry-records";
import type { ClustersOfImage } from "@tallyman/domain/usage/clusters-of-image";
import type {
  ConsumersStore,
  SnapshotStore,
  SourceStateStore,
  UsageQueue,
  UsageStore,
} from "@tallyman/domain/usage/ports";
import type { Usage } from "@tallyman/domain/usage/usage-policy";
import type { Telemetry } from "@tallyman/observability/telemetry";

/** Evidence of use: few requests ask for it. */
export type UsageStores = {
  readonly usage: Pick<UsageStore, "listUsage">;
  readonly states: SourceStateStore;
  readonly snapshots: SnapshotStore;
  readonly consumers: Pick<ConsumersStore, "findConsumers">;
  readonly queue: UsageQueue;
};

/** Everything the admin API stands on. */
export type ApiDeps = {
  readonly queries: InventoryQueries;
  readonly images: Pick<ImageStore, "findImage">;
  readonly tags: Pick<TagStore, "findTag" | "listTagsOf">;
  readonly deeds: DeedQueries;
  readonly summaries: Pick<SummaryStore, "findSummary" | "listSummaries">;
  readonly listings: Pick<ListingStore, "findListing">;
  readonly manifests: Pick<ManifestStore, "findHeads">;
  readonly brake: BrakeStore;
  readonly audit: AuditTrail;
  readonly deadLetters: DeadLetterQueues;
  /** The current policy's access section; `undefined`: it has none. Throws when the policy cannot be read. */
  readAccess(): Promise<Access | undefined>;
  /** What the current policy says that storage costs. Throws when the policy cannot be read. */
  prices(): Promise<StoragePrices>;
  /** What the current policy says of evidence of use. Throws when the policy cannot be read. */
  usagePolicy(): Promise<Usage>;
  /** Loaded when first asked for. */
  usageStores(): Promise<UsageStores>;
  readonly clustersOfImage: ClustersOfImage;
  /** The key that signs cursors, at least 32 bytes, the same in every process. */
  cursorKey(): Promise<Uint8Array>;
  /** The registries declared at deploy time. */
  readonly declared: RegistriesSource;
  readonly registries: Pick<RegistryRecordStore, "findRun" | "findCheck" | "findTotals">;
  readonly checks: RegistryCheckQueue;
  readonly reconciles: ReconcileQueue;
  readonly runs: Pick<RunLog, "asked" | "findRun">;
  readonly telemetry: Telemetry;
  now(): Date;
};
