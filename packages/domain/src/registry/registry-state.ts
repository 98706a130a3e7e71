import type { SummaryStore } from "../inventory/ports.ts";
import type { Registry } from "./registry.ts";
import type { RegistryCheck, RegistryRecordStore, RegistryRun } from "./registry-records.ts";
import { type Staleness, staleness } from "./staleness.ts";

/** What the inventory knows of a registry as a whole. */
export type RegistryState = Registry & {
  /** The latest event of any of its repositories, to about a minute; absent: none was heard. */
  readonly lastEventAt: string | undefined;
  readonly run: RegistryRun | undefined;
  readonly check: RegistryCheck | undefined;
  readonly staleness: Staleness;
};

export type RegistryStateDeps = {
  readonly summaries: Pick<SummaryStore, "listSummaries">;
  readonly registries: Pick<RegistryRecordStore, "findRun" | "findCheck">;
};

/** Reads the registry's own records and its repositories' summaries: by key and by one prefix, never a scan. */
export async function registryState(
  deps: RegistryStateDeps,
  registry: Registry,
  now: Date,
): Promise<RegistryState> {
  const { account, region } = registry;
  const [lastEventAt, run, check] = await Promise.all([
    latestEvent(deps, registry),
    deps.registries.findRun(registry),
    deps.registries.findCheck(registry),
  ]);
  return { account, region, lastEventAt, run, check, staleness: staleness(run, now) };
}

async function latestEvent(
  { summaries }: Pick<RegistryStateDeps, "summaries">,
  registry: Registry,
): Promise<string | undefined> {
  let latest: string | undefined;
  for await (const { lastEventAt } of summaries.listSummaries(registry))
    if (lastEventAt !== undefined && lastEventAt > (latest ?? "")) latest = lastEventAt;
  return latest;
}
