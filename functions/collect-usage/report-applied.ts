import type { Applied } from "@tallyman/domain/usage/apply-report";
import type { Snapshot } from "@tallyman/domain/usage/evidence";
import type { Telemetry } from "@tallyman/observability/telemetry";

/** Says what became of a report, in the lines that people follow live. */
export function reportApplied({ log }: Telemetry, snapshot: Snapshot, applied: Applied): void {
  const { source, scope, sequence, items } = snapshot;
  const { outcome, state, written, ended, foreign, unreadable } = applied;
  const about = { source, scope, sequence };
  if (outcome === "suspect") log.warn("report suspect", { ...about, reason: state.suspect?.reason });
  else if (outcome === "old") log.debug("report old", about);
  else log.info("report in force", { ...about, items: items.length, written, ended, foreign });
  if (unreadable.count > 0) log.warn("images not understood", { ...about, ...unreadable });
}
