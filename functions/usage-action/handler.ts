import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import { registryName } from "@tallyman/domain/registry/registry";
import type { UsageStore } from "@tallyman/domain/usage/ports";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { assertDeclared } from "../configuration/declared.ts";
import { TaskStateMessage } from "./schema.ts";

export type UsageActionDeps = {
  readonly telemetry: Telemetry;
  readonly uses: Pick<UsageStore, "findUsage" | "putUsage">;
  readonly policy: PolicySource;
  readonly declared: RegistriesSource;
  readonly now: () => Date;
};

/** A task runs, or has stopped: what it was started from is used. */
export function createHandler(deps: UsageActionDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: TaskStateMessage,
    ordering: "none",
    async onMessage(event) {
      await assertDeclared(deps.declared, event);
      const { id, cluster, service, status } = event;
      const about = { registry: registryName(event), cluster, service };
      deps.telemetry.log.debug("task heard of", { ...about, status, eventId: id });
    },
  });
}
