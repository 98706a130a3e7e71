import type { ReplicaStore } from "../inventory/ports.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { replicaNotice } from "../notice/build-notice.ts";
import type { NoticeSink } from "../notice/notice.ts";

export type TellDeps = { readonly replicas: ReplicaStore; readonly notices: NoticeSink };

export type Told = {
  /** As it should stand once people know, but for `noticedAt`. */
  readonly replica: ReplicaRecord;
  readonly reason: string;
  /** Undefined: the policy names no channel. */
  readonly channel: string | undefined;
  readonly now: Date;
};

/** Whether a copy is late or failed, and people do not know. */
export function isUntold(
  { state, noticedAt }: ReplicaRecord,
  channel: string | undefined,
): channel is string {
  return (state === "overdue" || state === "failed") && noticedAt === undefined && channel !== undefined;
}

/**
 * Tells people of a copy that is overdue or failed, once for each state: the queue first, then the record. A crash
 * between the two tells them again, and the notice's key lets the queue drop the second. Answers whether it told.
 */
export async function tellReplica(deps: TellDeps, { replica, reason, channel, now }: Told): Promise<boolean> {
  if (!isUntold(replica, channel)) return false;
  await deps.notices.send(replicaNotice(replica, reason, channel));
  await deps.replicas.putReplica({ ...replica, noticedAt: now.toISOString(), version: replica.version + 1 });
  return true;
}
