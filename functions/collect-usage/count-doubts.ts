import type { Registry } from "@tallyman/domain/registry/registry";
import { COLLECTED_SOURCES } from "@tallyman/domain/usage/sources";
import type { Usage } from "@tallyman/domain/usage/usage-policy";
import { sourcesStatus } from "@tallyman/domain/usage/usage-status";
import type { CollectUsageDeps } from "./deps.ts";

/** Of a fleet that cannot be asked, the first say enough. */
const NAMED = 20;

/** Counts the scopes that must report and are not believed, before they are asked anew: nobody else says so unasked. */
export async function countDoubts(
  deps: CollectUsageDeps,
  declared: readonly Registry[],
  usage: Usage,
): Promise<void> {
  const { log, measure } = deps.telemetry;
  const names = [...COLLECTED_SOURCES, ...usage.sources.map(({ name }) => name)];
  const states = await Promise.all(names.map((name) => Array.fromAsync(deps.states.listStates(name))));
  const evidence = { usage, declared, states: states.flat(), consumers: new Map() };
  const doubted = sourcesStatus(evidence, deps.now()).filter(({ doubts }) => doubts.length > 0);
  // Of a new deployment none was asked yet: that is no news.
  const news = doubted.filter(({ state, collected }) => state !== undefined || !collected);
  for (const { source, scope, doubts } of news.slice(0, NAMED))
    log.warn("usage in doubt", { source, scope, reason: doubts[0]?.reason });
  measure("UsageScopesInDoubt", doubted.length);
}
