import type { RepositorySummary } from "../inventory/records.ts";
import type { RegistryRun } from "../registry/registry-records.ts";

/** Two of the daily schedule's periods: what the alarm for a silent reconciler waits for, too. */
export const STALE_AFTER_MS = 2 * 24 * 60 * 60_000;

/** Why what the inventory says of a registry may be wrong; undefined: nothing speaks for that. */
export function registryStaleness(run: RegistryRun | undefined, now: Date): string | undefined {
  if (run?.lastError !== undefined)
    return `The last reconcile failed at ${run.lastErrorAt}: ${run.lastError}`;
  if (run?.lastCompletedAt === undefined) return "No reconcile has completed yet.";
  if (isOld(run.lastCompletedAt, now))
    return `No reconcile has completed since ${run.lastCompletedAt}: more than two days.`;
  return undefined;
}

/** Why what the inventory says of a repository may be wrong; `run`: its registry's. A repository that is gone is settled. */
export function repositoryStaleness(
  summary: RepositorySummary,
  run: RegistryRun | undefined,
  now: Date,
): string | undefined {
  const { lastError, lastErrorAt, reconciledAt, goneAt } = summary;
  if (lastError !== undefined) return `The last reconcile failed at ${lastErrorAt}: ${lastError}`;
  if (reconciledAt === undefined) return "It was not compared with its registry yet.";
  if (goneAt !== undefined) return undefined;
  // A registry that cannot be listed leaves all of its repositories out. That one of them is in error says nothing of the others.
  if (run?.lastError !== undefined && run.listedAt === undefined) return registryStaleness(run, now);
  return isOld(reconciledAt, now) ? `Last compared at ${reconciledAt}: more than two days ago.` : undefined;
}

function isOld(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) > STALE_AFTER_MS;
}
