import type { NoticeSink } from "@tallyman/domain/notice/notice";
import type { Redelivery } from "@tallyman/domain/notice/redelivery";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type {
  CollectionStore,
  ConsumersReader,
  ConsumersStore,
  SnapshotStore,
  SourceStateStore,
  UsageCollector,
  UsageQueue,
  UsageStore,
} from "@tallyman/domain/usage/ports";
import type { Telemetry } from "@tallyman/observability/telemetry";

export type CollectUsageDeps = {
  readonly telemetry: Telemetry;
  readonly policy: PolicySource;
  readonly declared: RegistriesSource;
  /** The built-in sources. */
  readonly collectors: readonly UsageCollector[];
  readonly consumersReader: ConsumersReader;
  readonly usage: Pick<UsageStore, "findUsage" | "putUsage">;
  readonly states: SourceStateStore;
  readonly snapshots: SnapshotStore;
  readonly consumers: Pick<ConsumersStore, "putConsumers">;
  readonly collections: CollectionStore;
  readonly queue: UsageQueue;
  readonly notices: NoticeSink;
  readonly redelivery: Redelivery;
  readonly now: () => Date;
  /** Milliseconds since some fixed time; never set back, unlike the clock. */
  readonly elapsed: () => number;
};
