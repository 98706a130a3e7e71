import type { FollowUpDeps } from "@tallyman/domain/inventory/follow-up";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";
import type { ExclusionDeps } from "@tallyman/domain/reconcile/keep-exclusion";
import type { ReconcileDeps as SweepDeps } from "@tallyman/domain/reconcile/reconcile-repository";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { Telemetry } from "@tallyman/observability/telemetry";

export type ReconcileDeps = SweepDeps &
  FollowUpDeps &
  ExclusionDeps & {
    readonly telemetry: Telemetry;
    readonly policy: PolicySource;
    readonly queue: ReconcileQueue;
    readonly declared: readonly Registry[];
    readonly now: () => Date;
  };
