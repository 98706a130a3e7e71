import type { SummaryStore } from "../inventory/ports.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/** Registries quote what they were sent; a person needs the beginning. */
const LONGEST = 500;

/** What went wrong, in one line: the error, and what the registry said. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, LONGEST);
  const { cause } = error;
  const said = cause instanceof Error ? ` (${cause.name}: ${cause.message})` : "";
  return `${error.message}${said}`.replaceAll(/\s+/g, " ").slice(0, LONGEST);
}

/**
 * Writes on a repository's summary that it could not be compared; its totals stay as they were counted. One that was never
 * counted is listed with nothing, and without `reconciledAt`.
 */
export async function noteFailure(
  summaries: Pick<SummaryStore, "findSummary" | "putSummary">,
  { account, region, repository }: RepositoryRef,
  { reason, now }: { readonly reason: string; readonly now: Date },
): Promise<void> {
  const at = now.toISOString();
  const uncounted = { images: 0, tags: 0, openViolations: 0, bytes: 0, asOf: at, version: 0 };
  await withFence(async () => {
    const previous: RepositorySummary = (await summaries.findSummary({ account, region, repository })) ?? {
      account,
      region,
      repository,
      ...uncounted,
    };
    await summaries.putSummary({
      ...previous,
      lastError: reason,
      lastErrorAt: at,
      version: previous.version + 1,
    });
  });
}
