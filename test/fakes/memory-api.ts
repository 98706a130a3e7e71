import type { Access } from "@tallyman/domain/access/access";
import type { ApiDeps } from "@tallyman/functions/api/deps";
import { HUB } from "../builders/registry.ts";
import { memoryDeadLetters } from "./memory-dead-letters.ts";
import { type MemoryInventory, memoryInventory } from "./memory-inventory.ts";
import { type RecordedTelemetry, recordedTelemetry } from "./recorded-telemetry.ts";

export type MemoryApi = {
  readonly inventory: MemoryInventory;
  readonly deadLetters: ReturnType<typeof memoryDeadLetters>;
  readonly telemetry: RecordedTelemetry;
  readonly deps: ApiDeps;
};

/** Everything the admin API stands on, in memory, at noon of 2026-11-21. */
export function memoryApi(access?: Access): MemoryApi {
  const inventory = memoryInventory();
  const deadLetters = memoryDeadLetters({ ImageActionDeadLetters: 3, "NoticeDeadLetters.fifo": 0 });
  const telemetry = recordedTelemetry();
  return {
    inventory,
    deadLetters,
    telemetry,
    deps: {
      ...inventory,
      deadLetters,
      telemetry,
      readAccess: async () => access,
      cursorKey: async () => new Uint8Array(32).fill(1),
      declared: { declaredRegistries: async () => [HUB, { ...HUB, region: "us-west-2" }] },
      now: () => new Date("2026-11-21T12:00:00.000Z"),
    },
  };
}
