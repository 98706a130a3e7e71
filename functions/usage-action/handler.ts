import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import { registryName } from "@tallyman/domain/registry/registry";
import { noteUse } from "@tallyman/domain/usage/note-use";
import type { UsageStore } from "@tallyman/domain/usage/ports";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { assertDeclared } from "../configuration/declared.ts";
import { TaskStateMessage } from "./schema.ts";

export type UsageActionDeps = {
  readonly telemetry: Telemetry;
  readonly usage: Pick<UsageStore, "findUsage" | "putUsage">;
  readonly policy: PolicySource;
  readonly declared: RegistriesSource;
  readonly now: () => Date;
};

/**
 * A task runs, or has stopped: what it was started from is used. A fleet that starts tells of every task; all but the first
 * of a service and digest find that written already.
 */
export function createHandler(deps: UsageActionDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: TaskStateMessage,
    ordering: "none",
    async onMessage(event) {
      const [policy] = await Promise.all([deps.policy.currentPolicy(), assertDeclared(deps.declared, event)]);
      const { keepDays } = policy.inventory;
      const written = await noteUse(deps.usage, event, { now: deps.now(), keepDays });
      const { id, cluster, service, status } = event;
      const about = { registry: registryName(event), cluster, by: service, status, eventId: id };
      if (written > 0) deps.telemetry.log.info("use noted", { ...about, written });
      else deps.telemetry.log.debug("use known", about);
    },
  });
}
