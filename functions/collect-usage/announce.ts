import { channelOf, suspectNotice } from "@tallyman/domain/notice/build-notice";
import type { Policy } from "@tallyman/domain/policy/policy";
import type { Applied } from "@tallyman/domain/usage/apply-report";
import type { Snapshot } from "@tallyman/domain/usage/evidence";
import type { Telemetry } from "@tallyman/observability/telemetry";
import type { CollectUsageDeps } from "./deps.ts";

type Announced = { readonly snapshot: Snapshot; readonly applied: Applied; readonly policy: Policy };

/** Says what became of a report in the lines that people follow live; of one that is not believed they are told besides. */
export async function announce(
  { telemetry, notices }: Pick<CollectUsageDeps, "telemetry" | "notices">,
  { snapshot, applied, policy }: Announced,
): Promise<void> {
  logApplied(telemetry, snapshot, applied);
  const channel = channelOf(policy);
  if (applied.outcome !== "suspect" || channel === undefined) return;
  const notice = suspectNotice(applied.state, channel);
  if (notice) await notices.send(notice);
}

function logApplied({ log }: Telemetry, snapshot: Snapshot, applied: Applied): void {
  const { source, scope, sequence, items } = snapshot;
  const { outcome, state, written, ended, foreign, unreadable } = applied;
  const about = { source, scope, sequence };
  if (outcome === "suspect") log.warn("report suspect", { ...about, reason: state.suspect?.reason });
  else if (outcome === "old") log.debug("report old", about);
  else log.info("report in force", { ...about, items: items.length, written, ended, foreign });
  if (unreadable.count > 0) log.warn("images not understood", { ...about, ...unreadable });
}
