import type { RegistryReader } from "../image/ports.ts";
import type { SummaryStore } from "../inventory/ports.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryRecordStore } from "../registry/registry-records.ts";
import type { RunScope } from "./job.ts";

export type RepositoriesDeps = {
  readonly registry: RegistryReader;
  readonly summaries: SummaryStore;
  readonly registries: Pick<RegistryRecordStore, "findRun">;
};

/**
 * The repositories to compare, each once, in no order. `all`: those of the registry, and those that the inventory knows
 * and the registry no longer has, until their images are closed. `changed`: of these, the ones of which something was
 * heard or counted since they were last compared, which never were, or could not be, which an earlier run over all left out,
 * or which are gone.
 */
export async function chooseRepositories(
  deps: RepositoriesDeps,
  registry: Registry,
  scope: RunScope,
): Promise<readonly string[]> {
  const { owedSince = "" } = (await deps.registries.findRun(registry)) ?? {};
  const listed = new Set<string>();
  for await (const name of deps.registry.listRepositories(registry)) listed.add(name);
  const known = new Map<string, RepositorySummary>();
  for await (const summary of deps.summaries.listSummaries(registry)) known.set(summary.repository, summary);
  const names = [...new Set([...listed, ...known.keys()])];
  return names.filter((name) => {
    const summary = known.get(name);
    if (summary === undefined) return true;
    if (!listed.has(name)) return !isSettledAsGone(summary);
    return scope === "all" || mayDiffer(summary) || (summary.reconciledAt ?? "") < owedSince;
  });
}

/** Nothing of it is left to close, and nothing was heard of it since. */
function isSettledAsGone(summary: RepositorySummary): boolean {
  return summary.goneAt !== undefined && summary.images === 0 && summary.tags === 0 && !mayDiffer(summary);
}

/** Times of ISO 8601 compare as text. Clocks differ a little between functions: a repository too many is compared. */
function mayDiffer({ lastError, reconciledAt, asOf, lastEventAt = "" }: RepositorySummary): boolean {
  if (lastError !== undefined || reconciledAt === undefined) return true;
  return asOf > reconciledAt || lastEventAt >= reconciledAt;
}
