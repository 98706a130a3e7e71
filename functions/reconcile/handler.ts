import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import { comeBackSoon, comingBackIfKilled, isLastReceive } from "../configuration/come-back.ts";
import { assertDeclared } from "../configuration/declared.ts";
import { checkOne } from "./check-one.ts";
import type { ReconcileDeps } from "./deps.ts";
import { reconcileOne } from "./reconcile-one.ts";
import { finishRegistry, reconcileRegistry } from "./reconcile-registry.ts";
import { type Job, ReconcileMessage } from "./schema.ts";
import { startReconcile } from "./start-reconcile.ts";

/**
 * Registries against inventory, in steps that are each a message: the schedule names the registries, a registry its
 * repositories, a repository is compared, and after the last of them comes the registry's end. A FIFO group is a
 * registry: what is broken in one stops none of the others, and one that cannot be asked gives its run up. Whether a registry is watched as it should be is a message of
 * its own, in a group of its own.
 */
export function createHandler(deps: ReconcileDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: ReconcileMessage,
    ordering: "per-group",
    onMessage: (message, info) =>
      comingBackIfKilled(deps, info, async () => {
        if ("schedule" in message) return startReconcile(deps, message);
        await assertDeclared(deps.declared, message);
        await step(deps, message, isLastReceive(info.receiveCount));
      }),
    onFailure: (error, message) => comeBackSoon(deps, error, message),
  });
}

function step(deps: ReconcileDeps, job: Job, last: boolean): Promise<void> {
  switch (job.kind) {
    case "registry":
      return reconcileRegistry(deps, job, last);
    case "repository":
      return reconcileOne(deps, job, last);
    case "finish":
      return finishRegistry(deps, job);
    case "check":
      return checkOne(deps, job);
  }
}
