import type { FollowUpDeps } from "@tallyman/domain/inventory/follow-up";
import type { Redelivery } from "@tallyman/domain/notice/redelivery";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";
import type { ExclusionDeps } from "@tallyman/domain/reconcile/keep-exclusion";
import type { ReconcileDeps as SweepDeps } from "@tallyman/domain/reconcile/reconcile-repository";
import type { RunLog } from "@tallyman/domain/reconcile/run-log";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type { RecordCheckDeps } from "@tallyman/domain/registry/record-check";
import type { RegistryRecordStore } from "@tallyman/domain/registry/registry-records";
import type { Telemetry } from "@tallyman/observability/telemetry";

export type ReconcileDeps = SweepDeps &
  FollowUpDeps &
  ExclusionDeps &
  RecordCheckDeps & {
    readonly telemetry: Telemetry;
    readonly policy: PolicySource;
    readonly queue: ReconcileQueue;
    readonly redelivery: Redelivery;
    readonly declared: RegistriesSource;
    readonly registries: RegistryRecordStore;
    readonly runs: RunLog;
    readonly now: () => Date;
  };
