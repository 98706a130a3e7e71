import type { UsageRecord } from "./evidence.ts";
import { EVENTS_SOURCE } from "./sources.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * What events tell of is written again when what is stored is this old, so at most twice within any hour. Until then a use
 * may be younger than its record says.
 */
export const SEEN_INTERVAL_MS = 40 * MINUTE_MS;

/**
 * Whether a use counts: it goes on, or ended no longer than `hours` ago. A use that its source still names, and of which
 * nobody says when it stopped, goes on.
 */
export function isInForce(record: UsageRecord, now: Date, hours: number): boolean {
  const lastUsed = lastUsedMs(record);
  return lastUsed === undefined || !(now.getTime() - lastUsed > hours * HOUR_MS);
}

/** Undefined: it goes on. */
function lastUsedMs({ source, seenAt, endedAt }: UsageRecord): number | undefined {
  const slack = source === EVENTS_SOURCE ? SEEN_INTERVAL_MS : 0;
  const seen = seenAt === undefined ? undefined : Date.parse(seenAt) + slack;
  const ended = endedAt === undefined ? undefined : Date.parse(endedAt);
  if (seen === undefined || ended === undefined) return seen ?? ended;
  return Math.min(seen, ended);
}
