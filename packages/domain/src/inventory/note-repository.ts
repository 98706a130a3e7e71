import { registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { FenceConflictError } from "./errors.ts";
import type { SummaryStore } from "./ports.ts";
import type { Recorded } from "./record-image.ts";
import type { RepositorySummary } from "./records.ts";

/** Notes that a repository is there, when something was recorded of it. */
export type NoteRepository = (
  repository: RepositoryRef,
  seen: { readonly recorded: Recorded; readonly now: Date },
) => Promise<void>;

/** So many names are remembered, then they are looked up anew. */
const REMEMBERED = 10_000;

/**
 * Lists a repository from its first push on, not only from the next reconcile: writes its summary once, if there is none.
 * Its totals are those of what was recorded now; that `reconciledAt` is absent says that nobody has counted yet. Costs
 * one read for each repository and process, and one item write in the life of a repository.
 */
export function notingRepositories(summaries: SummaryStore): NoteRepository {
  const known = new Set<string>();
  return async (repository, { recorded, now }) => {
    const name = `${registryName(repository)}/${repository.repository}`;
    if (known.has(name) || !recorded.images.some(({ record }) => record?.state === "open")) return;
    if ((await summaries.findSummary(repository)) === undefined)
      await putFirst(summaries, firstSummary(repository, recorded, now));
    if (known.size >= REMEMBERED) known.clear();
    known.add(name);
  };
}

async function putFirst(summaries: SummaryStore, summary: RepositorySummary): Promise<void> {
  try {
    await summaries.putSummary(summary);
  } catch (error) {
    // Another push, or a reconcile, was first.
    if (!(error instanceof FenceConflictError)) throw error;
  }
}

function firstSummary(
  { account, region, repository }: RepositoryRef,
  { images, tags }: Recorded,
  now: Date,
): RepositorySummary {
  const open = images.flatMap(({ record }) => (record?.state === "open" ? [record] : []));
  return {
    account,
    region,
    repository,
    images: open.length,
    tags: tags.filter(({ pointer }) => pointer?.digest).length,
    openViolations: tags.flatMap((tag) => tag.open).length,
    bytes: open.reduce((sum, { size }) => sum + (size ?? 0), 0),
    asOf: now.toISOString(),
    version: 1,
  };
}
