import type { RegistryReader, ReplicationReader, ReplicationStatus } from "../image/ports.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { DueCheck } from "./due-check.ts";
import { judgeReplica, type ReplicaVerdict } from "./expect-replicas.ts";
import { isUntold, type TellDeps, tellReplica } from "./tell-replica.ts";

export type CheckDeps = TellDeps & {
  readonly registry: RegistryReader;
  readonly replication: ReplicationReader;
};

export type CheckRequest = {
  readonly check: DueCheck;
  /** The declared registries: only these can be asked. */
  readonly declared: readonly Registry[];
  /** Where people are told; undefined: nowhere. */
  readonly channel: string | undefined;
  readonly now: Date;
};

export type CheckedReplica = {
  readonly replica: ReplicaRecord;
  readonly reason: string;
  /** Whether this check changed its state. */
  readonly changed: boolean;
  readonly told: boolean;
};

/**
 * Looks for one expected copy: at the source, then at the destination unless the source reports it complete. The record
 * then says how it stands and when to look again. Undefined: it has arrived or someone else has it since, nothing was
 * looked at; the version fences the whole, so that a message that comes twice works once.
 *
 * While there is something to tell, the record keeps the end of its lease, and gets its next time only together with
 * `noticedAt`: after a crash between the two the copy is due again, and people are told then.
 *
 * Throws RegistryUnavailableError; the lease then ends by itself.
 */
export function checkReplica(deps: CheckDeps, request: CheckRequest): Promise<CheckedReplica | undefined> {
  return withFence(async () => {
    const known = await deps.replicas.findReplica(request.check);
    if (known?.version !== request.check.version) return undefined;
    const source = await readSource(deps, known);
    const { reason, ...verdict } = await look(deps, request, { known, source });
    const replica = settled(known, verdict, request.now);
    // That an image was deleted right after its push is no news.
    const channel = source.present ? request.channel : undefined;
    await deps.replicas.putReplica(isUntold(replica, channel) ? leased(replica, known) : replica);
    const told = await tellReplica(deps, { replica, reason, channel, now: request.now });
    return { replica, reason, changed: replica.state !== known.state, told };
  });
}

type Source = { readonly present: boolean; readonly statuses: readonly ReplicationStatus[] };

async function readSource(deps: CheckDeps, { source, repository, digest }: ReplicaRecord): Promise<Source> {
  const pushedTo = { ...source, repository };
  // ECR answers ImageNotFound to the question for the status of an image that is gone; it promises no copy any more.
  if (!(await deps.registry.findImage(pushedTo, { digest }))) return { present: false, statuses: [] };
  return { present: true, statuses: await deps.replication.replicationStatus(pushedTo, digest) };
}

type Verdict = ReplicaVerdict & { readonly failureCode?: string };

async function look(
  deps: CheckDeps,
  { declared, now }: CheckRequest,
  { known, source }: { readonly known: ReplicaRecord; readonly source: Source },
): Promise<Verdict> {
  const { destination, repository, digest, expectedAt } = known;
  const isDestination = (it: Registry) => registryName(it) === registryName(destination);
  const status = source.statuses.find(isDestination);
  const ask = status?.status !== "COMPLETE" && declared.some(isDestination);
  const present = ask
    ? (await deps.registry.findImage({ ...destination, repository }, { digest })) !== undefined
    : undefined;
  if (!source.present && !present) {
    return {
      state: "failed",
      reason: "The image is gone from its source.",
      failureCode: "SourceImageDeleted",
    };
  }
  const verdict = judgeReplica({
    destination,
    expectedAt,
    statuses: source.statuses,
    now,
    ...(present !== undefined && { present }),
  });
  const failureCode = verdict.state === "failed" ? status?.failureCode : undefined;
  return { ...verdict, ...(failureCode !== undefined && { failureCode }) };
}

/** The record after one look. A new state is new to people too. */
function settled(
  { noticedAt, failureCode: _code, checkAt: _lease, ...known }: ReplicaRecord,
  { state, failureCode, nextCheckAt }: Omit<Verdict, "reason">,
  now: Date,
): ReplicaRecord {
  return {
    ...known,
    state,
    checks: known.checks + 1,
    version: known.version + 1,
    ...(nextCheckAt !== undefined && { checkAt: nextCheckAt }),
    ...(state === "arrived" && { arrivedAt: now.toISOString() }),
    ...(failureCode !== undefined && { failureCode }),
    ...(noticedAt !== undefined && state === known.state && { noticedAt }),
  };
}

function leased(replica: ReplicaRecord, { checkAt }: ReplicaRecord): ReplicaRecord {
  return { ...replica, ...(checkAt !== undefined && { checkAt }) };
}
