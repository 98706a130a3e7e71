import type { SummaryStore } from "../inventory/ports.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { RegistryRecordStore } from "../registry/registry-records.ts";
import type { RunEnded, RunEntries, RunListed, RunLog } from "./run-log.ts";

/**
 * How far a run has come in one registry. `waiting`: it has not begun. `failing`: it cannot go on now and is tried again
 * for some minutes. `incomplete`: it is over, and what is said in `reason` could not be compared.
 */
export type RegistryProgress = Registry & {
  readonly state: "waiting" | "running" | "failing" | "completed" | "incomplete";
  /** How many are compared in this run, and how many of them were so far. */
  readonly repositories?: number;
  readonly compared?: number;
  readonly failed?: number;
  readonly reason?: string;
  readonly listedAt?: string;
  readonly endedAt?: string;
};

export type RunProgress = {
  readonly run: string;
  readonly state: "running" | "failing" | "completed" | "incomplete";
  readonly by?: string;
  readonly at?: string;
  readonly repository?: string;
  readonly registries: readonly RegistryProgress[];
};

export type ProgressDeps = {
  readonly runs: Pick<RunLog, "findRun">;
  readonly registries: Pick<RegistryRecordStore, "findRun">;
  readonly summaries: Pick<SummaryStore, "findSummary" | "listSummaries">;
};

/** How far a run has come, in each of its registries; undefined: no such run is known, or it is a month ago. */
export async function runProgress(deps: ProgressDeps, run: string): Promise<RunProgress | undefined> {
  const entries = await deps.runs.findRun(run);
  if (entries === undefined) return undefined;
  const { asked } = entries;
  const registries = await Promise.all(
    registriesOf(entries).map((registry) => registryProgress(deps, { run, registry, entries })),
  );
  return {
    run,
    state: stateOf(registries),
    ...(asked && { by: asked.by, at: asked.at }),
    ...(asked?.repository !== undefined && { repository: asked.repository }),
    registries,
  };
}

function registriesOf({ asked, listed, ended }: RunEntries): readonly Registry[] {
  const all = [...(asked?.registries ?? []), ...listed, ...ended];
  return [
    ...new Map(all.map(({ account, region }) => [`${account}/${region}`, { account, region }])).values(),
  ];
}

function stateOf(registries: readonly RegistryProgress[]): RunProgress["state"] {
  const states = new Set(registries.map(({ state }) => state));
  if (states.has("waiting") || states.has("running")) return "running";
  if (states.has("failing")) return "failing";
  return states.has("incomplete") ? "incomplete" : "completed";
}

type At = { readonly run: string; readonly registry: Registry; readonly entries: RunEntries };

async function registryProgress(deps: ProgressDeps, at: At): Promise<RegistryProgress> {
  const is = (it: Registry) => registryName(it) === registryName(at.registry);
  const listed = at.entries.listed.find(is);
  const ended = at.entries.ended.find(is);
  if (ended) return over(at, listed, ended);
  const { asked } = at.entries;
  if (asked?.repository !== undefined)
    return ofRepository(deps, at, { ...asked, repository: asked.repository });
  return underWay(deps, at, listed);
}

function over({ registry, entries }: At, listed: RunListed | undefined, ended: RunEnded): RegistryProgress {
  const { failed, reason, at } = ended;
  const repositories = entries.asked?.repository === undefined ? (listed?.repositories ?? 0) : 1;
  return {
    ...registry,
    state: failed === 0 && reason === undefined ? "completed" : "incomplete",
    repositories,
    compared: Math.max(repositories - failed, 0),
    failed,
    ...(reason !== undefined && { reason }),
    ...(listed && { listedAt: listed.at }),
    endedAt: at,
  };
}

async function underWay(
  deps: ProgressDeps,
  { registry, run }: At,
  listed: RunListed | undefined,
): Promise<RegistryProgress> {
  const current = await deps.registries.findRun(registry);
  const error =
    current?.run === run && (current.lastErrorAt ?? "") >= current.startedAt ? current.lastError : undefined;
  const reason = error === undefined ? {} : { reason: error };
  if (!listed) return { ...registry, state: error === undefined ? "waiting" : "failing", ...reason };
  let compared = 0;
  for await (const { reconciledAt = "" } of deps.summaries.listSummaries(registry)) {
    if (reconciledAt >= listed.at) compared++;
  }
  const { repositories, at } = listed;
  return { ...registry, state: "running", repositories, compared, ...reason, listedAt: at };
}

async function ofRepository(
  { summaries }: ProgressDeps,
  { registry }: At,
  { repository, at }: { readonly repository: string; readonly at: string },
): Promise<RegistryProgress> {
  const summary = await summaries.findSummary({ ...registry, repository });
  const { lastError, lastErrorAt = "", reconciledAt = "" } = summary ?? {};
  if (lastError !== undefined && lastErrorAt >= at)
    return { ...registry, state: "failing", repositories: 1, compared: 0, reason: lastError };
  return { ...registry, state: "running", repositories: 1, compared: reconciledAt >= at ? 1 : 0 };
}
