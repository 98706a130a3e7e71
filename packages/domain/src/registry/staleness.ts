import type { RegistryRun } from "./registry-records.ts";

/** Every registry is reconciled once a day. */
const PERIOD_MS = 24 * 3600 * 1000;

/** `since`: the last run that completed; absent: none ever did. */
export type Staleness =
  | { readonly stale: false }
  | { readonly stale: true; readonly reason: string; readonly since?: string };

/** A registry is stale when no reconcile of it has completed for two periods: what is listed of it may be wrong. */
export function staleness(run: RegistryRun | undefined, now: Date): Staleness {
  const since = run?.lastCompletedAt ?? run?.completedAt;
  if (since !== undefined && now.getTime() - Date.parse(since) <= 2 * PERIOD_MS) return { stale: false };
  const why = run?.lastError === undefined ? "" : `: ${run.lastError}`;
  if (since === undefined) return { stale: true, reason: `no reconcile has completed yet${why}` };
  return { stale: true, reason: `no reconcile has completed since ${since}${why}`, since };
}
