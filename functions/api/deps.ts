import type { Access } from "@tallyman/domain/access/access";
import type { DeadLetterQueues } from "@tallyman/domain/dead-letter/ports";
import type {
  AuditTrail,
  BrakeStore,
  ImageStore,
  InventoryQueries,
  SummaryStore,
  TagStore,
} from "@tallyman/domain/inventory/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type { Telemetry } from "@tallyman/observability/telemetry";

/** Everything the admin API stands on. */
export type ApiDeps = {
  readonly queries: InventoryQueries;
  readonly images: Pick<ImageStore, "findImage">;
  readonly tags: Pick<TagStore, "findTag" | "listTagsOf">;
  readonly summaries: Pick<SummaryStore, "findSummary">;
  readonly brake: BrakeStore;
  readonly audit: AuditTrail;
  readonly deadLetters: DeadLetterQueues;
  /** The current policy's access section; `undefined`: it has none. Throws when the policy cannot be read. */
  readAccess(): Promise<Access | undefined>;
  /** The key that signs cursors, at least 32 bytes, the same in every process. */
  cursorKey(): Promise<Uint8Array>;
  /** The registries declared at deploy time. */
  readonly declared: RegistriesSource;
  readonly telemetry: Telemetry;
  now(): Date;
};
