import { registryName } from "@tallyman/domain/registry/registry";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { assertDeclared } from "../configuration/declared.ts";
import type { ReconcileDeps } from "./deps.ts";
import { reconcileOne } from "./reconcile-one.ts";
import { reconcileRegistry } from "./reconcile-registry.ts";
import { ReconcileMessage } from "./schema.ts";

/**
 * Registries against inventory, in three steps that are each a message: the schedule names the registries, a registry its
 * repositories, a repository is compared. A FIFO group is a registry: what is broken in one stops none of the others.
 */
export function createHandler(deps: ReconcileDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: ReconcileMessage,
    ordering: "per-group",
    async onMessage(message) {
      if ("schedule" in message) {
        const run = message.execution;
        const declared = await deps.declared.declaredRegistries();
        await deps.queue.send(declared.map((registry) => ({ kind: "registry", ...registry, run })));
        deps.telemetry.log.info("reconcile started", { run, registries: declared.map(registryName) });
        return;
      }
      await assertDeclared(deps.declared, message);
      await (message.kind === "registry" ? reconcileRegistry(deps, message) : reconcileOne(deps, message));
    },
  });
}
