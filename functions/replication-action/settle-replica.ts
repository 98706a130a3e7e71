import type { ReplicationEvent } from "@tallyman/domain/event/registry-event";
import type { Recorded } from "@tallyman/domain/inventory/record-image";
import { registryName } from "@tallyman/domain/registry/registry";
import { recordArrival, recordFailure } from "@tallyman/domain/replication/record-arrival";
import { type TellDeps, tellReplica } from "@tallyman/domain/replication/tell-replica";
import type { Telemetry } from "@tallyman/observability/telemetry";

export type Settlement = {
  readonly event: ReplicationEvent;
  /** What the destination said when it was read. */
  readonly recorded: Recorded;
  readonly channel: string | undefined;
  readonly now: Date;
};

/** The destination has the image: arrived. It does not and the event says failed: failed, and people are told. */
export async function settleReplica(
  deps: TellDeps & { readonly telemetry: Telemetry },
  { event, recorded, channel, now }: Settlement,
): Promise<void> {
  const { digest, tag = "" } = event.subject;
  const { log, measure } = deps.telemetry;
  const about = {
    registry: registryName(event.repository),
    repository: event.repository.repository,
    eventId: event.id,
    digest,
    tag,
    from: registryName(event.source),
  };
  const present = recorded.images.some((image) => image.digest === digest && image.record?.state === "open");
  const copy = { source: event.source, repository: event.repository, digest, tag, now };
  if (present) {
    const { changed } = await recordArrival(deps.replicas, copy);
    if (changed) log.info("replica arrived", about);
    return;
  }
  if (event.result === "SUCCESS") {
    // Gone again, or overwritten meanwhile: the replica check has the last word.
    log.warn("replica reported but not found", about);
    return;
  }
  const { replica, changed } = await recordFailure(deps.replicas, copy);
  const reason = `${registryName(event.repository)} reported that the copy failed.`;
  if (await tellReplica(deps, { replica, reason, channel, now })) {
    log.debug("notice queued", { ...about, kind: "replica-failed" });
  }
  if (!changed) return;
  log.info("replica failed", about);
  measure("ReplicaOverdue", 1);
}
