import { FenceConflictError } from "../inventory/errors.ts";
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
 * Throws FenceConflictError when the copy stands otherwise by now.
 */
export async function tellReplica(deps: TellDeps, { replica, reason, channel, now }: Told): Promise<boolean> {
  if (!isUntold(replica, channel)) return false;
  await deps.notices.send(replicaNotice(replica, reason, channel));
  const told = { noticedAt: now.toISOString() };
  try {
    await deps.replicas.putReplica({ ...replica, ...told, version: replica.version + 1 });
  } catch (error) {
    if (!(error instanceof FenceConflictError)) throw error;
    await noteOvertaken(deps.replicas, replica, { told, error });
  }
  return true;
}

/**
 * The push of a copy that was heard of first gives its record the time since when it is expected, while people are told of
 * it: they know of what stands there now, and must not be told under another time.
 */
async function noteOvertaken(
  replicas: ReplicaStore,
  replica: ReplicaRecord,
  { told, error }: { readonly told: { readonly noticedAt: string }; readonly error: FenceConflictError },
): Promise<void> {
  const current = await replicas.findReplica(replica);
  if (current?.state !== replica.state) throw error;
  if (current.noticedAt === undefined)
    await replicas.putReplica({ ...current, ...told, version: current.version + 1 });
}
