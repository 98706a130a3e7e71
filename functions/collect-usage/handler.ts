import type { Redelivery } from "@tallyman/domain/notice/redelivery";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import type { UsageQueue } from "@tallyman/domain/usage/ports";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { comeBackSoon } from "../configuration/come-back.ts";
import { UsageMessage } from "./schema.ts";

export type CollectUsageDeps = {
  readonly telemetry: Telemetry;
  readonly policy: PolicySource;
  readonly declared: RegistriesSource;
  readonly queue: UsageQueue;
  readonly redelivery: Redelivery;
  readonly now: () => Date;
};

export function createHandler(deps: CollectUsageDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: UsageMessage,
    ordering: "per-group",
    async onMessage(message) {
      deps.telemetry.log.debug("usage message", { message });
    },
    onFailure: (error, message) => comeBackSoon(deps, error, message),
  });
}
