import type { FollowUpDeps } from "@tallyman/domain/inventory/follow-up";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";
import type { ExclusionDeps } from "@tallyman/domain/reconcile/keep-exclusion";
import type { ReconcileDeps as SweepDeps } from "@tallyman/domain/reconcile/reconcile-repository";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type { Telemetry } from "@tallyman/observability/telemetry";

export type ReconcileDeps = SweepDeps &
  FollowUpDeps &
  ExclusionDeps & {
    readonly telemetry: Telemetry;
    readonly policy: PolicySource;
    readonly queue: ReconcileQueue;
    readonly declared: RegistriesSource;
    readonly now: () => Date;
  };
