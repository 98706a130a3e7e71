import type { Access } from "@tallyman/domain/access/access";
import { EMPTY_POLICY } from "@tallyman/domain/policy/policy";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import { registryName } from "@tallyman/domain/registry/registry";
import type { ClustersOfImage } from "@tallyman/domain/usage/clusters-of-image";
import type { UsageJob } from "@tallyman/domain/usage/ports";
import type { Usage } from "@tallyman/domain/usage/usage-policy";
import type { ApiDeps } from "@tallyman/functions/api/deps";
import { HUB } from "../builders/registry.ts";
import { memoryDeadLetters } from "./memory-dead-letters.ts";
import { type MemoryDeedLog, memoryDeedLog } from "./memory-deed-log.ts";
import { type MemoryInventory, memoryInventory } from "./memory-inventory.ts";
import { type MemoryUsage, memoryUsage } from "./memory-usage.ts";
import { type RecordedTelemetry, recordedTelemetry } from "./recorded-telemetry.ts";

export type MemoryApi = {
  readonly inventory: MemoryInventory;
  readonly deeds: MemoryDeedLog;
  readonly deadLetters: ReturnType<typeof memoryDeadLetters>;
  readonly telemetry: RecordedTelemetry;
  /** Registries that were to be checked, as `account/region`, by the name of the check. */
  readonly checksAskedFor: Map<string, readonly string[]>;
  readonly usage: MemoryUsage;
  /** What the policy says of usage. */
  readonly usagePolicy: { current: Usage };
  /** What was queued to be collected or applied. */
  readonly usageJobs: UsageJob[];
  /** What Inspector answers: that it knows no cluster, unless a test says otherwise. */
  readonly inspector: { ask: ClustersOfImage };
  /** Reconciles that were asked for. */
  readonly reconcilesAskedFor: ReconcileJob[];
  readonly deps: ApiDeps;
};

/** Everything the admin API stands on, in memory, at noon of 2026-11-21. */
export function memoryApi(access?: Access): MemoryApi {
  const inventory = memoryInventory();
  const deadLetters = memoryDeadLetters({ ImageActionDeadLetters: 3, "NoticeDeadLetters.fifo": 0 });
  const telemetry = recordedTelemetry();
  const deeds = memoryDeedLog();
  const usage = memoryUsage();
  const usagePolicy = { current: EMPTY_POLICY.usage };
  const usageJobs: UsageJob[] = [];
  const inspector: MemoryApi["inspector"] = { ask: async () => ({ clusters: [], complete: true }) };
  const reconcilesAskedFor: ReconcileJob[] = [];
  const checksAskedFor = new Map<string, readonly string[]>();
  return {
    inventory,
    deeds,
    deadLetters,
    telemetry,
    checksAskedFor,
    usage,
    usagePolicy,
    usageJobs,
    inspector,
    reconcilesAskedFor,
    deps: {
      ...inventory,
      deeds,
      deadLetters,
      telemetry,
      readAccess: async () => access,
      usagePolicy: async () => usagePolicy.current,
      clustersOfImage: (image) => inspector.ask(image),
      usageStores: async () => ({ ...usage, queue: { send: async (job) => void usageJobs.push(job) } }),
      prices: async () => EMPTY_POLICY.inventory.prices,
      cursorKey: async () => new Uint8Array(32).fill(1),
      declared: { declaredRegistries: async () => [HUB, { ...HUB, region: "us-west-2" }] },
      checks: {
        async send(check, registries) {
          checksAskedFor.set(check, registries.map(registryName));
        },
      },
      reconciles: { send: async (jobs) => void reconcilesAskedFor.push(...jobs) },
      now: () => new Date("2026-11-21T12:00:00.000Z"),
    },
  };
}
