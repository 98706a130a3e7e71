import type { RegistryRun } from "./registry-records.ts";

/** Every registry is reconciled once a day, and the alarm for a silent reconciler waits for two of these periods, too. */
const PERIOD_MS = 24 * 3600 * 1000;

/** `since`: the last run that ended well; absent: none ever did. */
export type Staleness =
  | { readonly stale: false }
  | { readonly stale: true; readonly reason: string; readonly since?: string };

/**
 * A registry is stale when what is listed of it may be wrong: the last reconcile failed, in whole or in part, or none has
 * ended well for two periods.
 */
export function staleness(run: RegistryRun | undefined, now: Date): Staleness {
  const since = run?.lastCompletedAt;
  const ended = since === undefined ? {} : { since };
  if (run?.lastError !== undefined) {
    const reason = `the last reconcile failed at ${run.lastErrorAt}: ${run.lastError}`;
    return { stale: true, reason, ...ended };
  }
  if (since === undefined) return { stale: true, reason: "no reconcile has completed yet" };
  if (!isStale(since, now)) return { stale: false };
  return { stale: true, reason: `no reconcile has completed since ${since}`, ...ended };
}

/** Whether two periods have passed since `at` (ISO 8601). */
export function isStale(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) > 2 * PERIOD_MS;
}
