import type { EcrRegistry } from "@tallyman/registry/open-registry";
import type { Core } from "./core.ts";

/** ECR acts within a day; asked once an hour, what is due is at most an hour late. */
const interval = 60 * 60 * 1000;

/**
 * Runs the lifecycle policies that are due, and removes what nothing needs any more, by the cloud's clock: also at once when it
 * is set forward.
 */
export function startLifecycle({ timers, onError }: Core, registry: EcrRegistry): { stop(): void } {
  let cancel = timers.after(interval, tick);
  function tick(): void {
    registry.runLifecycle("scheduled").catch(onError);
    registry.collectGarbage().catch(onError);
    cancel = timers.after(interval, tick);
  }
  return { stop: () => cancel() };
}
