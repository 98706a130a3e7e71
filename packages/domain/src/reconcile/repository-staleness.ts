import type { RepositorySummary } from "../inventory/records.ts";
import type { RegistryRun } from "../registry/registry-records.ts";
import { isStale, type Staleness, staleness } from "../registry/staleness.ts";

/** Whether what is listed of a repository may be wrong; `run`: its registry's. What is gone is settled. */
export function repositoryStaleness(
  { lastError, lastErrorAt, reconciledAt, goneAt }: RepositorySummary,
  run: RegistryRun | undefined,
  now: Date,
): Staleness {
  const since = reconciledAt === undefined ? {} : { since: reconciledAt };
  if (lastError !== undefined) {
    return { stale: true, reason: `the last reconcile failed at ${lastErrorAt}: ${lastError}`, ...since };
  }
  if (reconciledAt === undefined) return { stale: true, reason: "it was not compared with its registry yet" };
  if (goneAt !== undefined) return { stale: false };
  // A registry that cannot be listed leaves all of its repositories out; one that can, says nothing of the others' errors.
  if (run?.lastError !== undefined && (run.listedAt === undefined || isLeftOut(reconciledAt, run)))
    return { ...staleness(run, now), ...since };
  if (!isStale(reconciledAt, now)) return { stale: false };
  return { stale: true, reason: `it was last compared with its registry at ${reconciledAt}`, ...since };
}

/** By this run, which gave up, or by an earlier one, and none has made up for it since. Times of ISO 8601 compare as text. */
function isLeftOut(
  reconciledAt: string,
  { gaveUp, listedAt = "", owedSince = "", startedAt, completedAt }: RegistryRun,
): boolean {
  if (gaveUp !== undefined && reconciledAt < listedAt) return true;
  return reconciledAt < owedSince && (owedSince < startedAt || completedAt !== undefined);
}
