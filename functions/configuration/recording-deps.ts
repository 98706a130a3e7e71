import type { FollowUpDeps } from "@tallyman/domain/inventory/follow-up";
import type { TagDeps } from "@tallyman/domain/inventory/record-tag";
import type { RecountQueue } from "@tallyman/domain/listing/ports";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type { Telemetry } from "@tallyman/observability/telemetry";

/** What every function needs that records what an event names. */
export type RecordingDeps = TagDeps &
  FollowUpDeps & {
    readonly telemetry: Telemetry;
    readonly policy: PolicySource;
    readonly declared: RegistriesSource;
    readonly recounts: RecountQueue;
    readonly now: () => Date;
  };
