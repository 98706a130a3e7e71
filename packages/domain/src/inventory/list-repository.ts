import type { RegistryReader } from "../image/ports.ts";
import { isThere } from "../reconcile/asking-together.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { SummaryStore } from "./ports.ts";
import type { RepositorySummary } from "./records.ts";
import { withFence } from "./with-fence.ts";

export type ListDeps = { readonly registry: RegistryReader; readonly summaries: SummaryStore };

/**
 * Lists a repository that is said to be new, if the registry has it: its summary is written where there is none, or where it
 * says that the repository is gone. Says whether it wrote. Costs one registry read. That `reconciledAt` is absent says that
 * nobody has counted yet.
 */
export function listRepository(deps: ListDeps, repository: RepositoryRef, now: Date): Promise<boolean> {
  return withFence(async () => {
    const previous = await deps.summaries.findSummary(repository);
    if (previous !== undefined && previous.goneAt === undefined) return false;
    if (!(await isThere(deps.registry, repository))) return false;
    await deps.summaries.putSummary(next(repository, previous, now));
    return true;
  });
}

function next(
  { account, region, repository }: RepositoryRef,
  previous: RepositorySummary | undefined,
  now: Date,
): RepositorySummary {
  const asOf = now.toISOString();
  const empty = { images: 0, tags: 0, openViolations: 0, bytes: 0 };
  return { account, region, repository, ...empty, asOf, version: (previous?.version ?? 0) + 1 };
}
