import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { staleness } from "@tallyman/domain/registry/staleness";
import { noting } from "../configuration/noting.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Scheduled } from "./schema.ts";

/** Queues every declared registry, and says how many of them are stale: a broken one has nobody else to say so. */
export async function startReconcile(deps: ReconcileDeps, message: Scheduled): Promise<void> {
  const { log } = deps.telemetry;
  const run = message.execution;
  const scope = message.schedule === "reconcile" ? "all" : "changed";
  const declared = await deps.declared.declaredRegistries();
  await deps.queue.send(declared.map((registry) => ({ kind: "registry", ...registry, run, scope })));
  log.info("reconcile started", { run, scope, registries: declared.map(registryName) });
  // All of them are queued: that they cannot be counted now is no reason to queue them again.
  await noting(deps, () => countStale(deps, declared));
}

async function countStale(deps: ReconcileDeps, declared: readonly Registry[]): Promise<void> {
  const { log, measure } = deps.telemetry;
  let stale = 0;
  for (const registry of declared) {
    const state = staleness(await deps.registries.findRun(registry), deps.now());
    if (!state.stale) continue;
    stale++;
    log.warn("registry stale", { registry: registryName(registry), reason: state.reason });
  }
  measure("StaleRegistries", stale);
}
