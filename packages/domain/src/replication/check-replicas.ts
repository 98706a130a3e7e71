import type { DueItem } from "../due/due-item.ts";
import type { RegistryReader, ReplicationReader, ReplicationStatus } from "../image/ports.ts";
import type { DueStore } from "../inventory/ports.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { judgeReplica, type ReplicaVerdict } from "./expect-replicas.ts";
import { ReplicaCheckPayload, replicaCheck } from "./replica-check.ts";
import { type TellDeps, tellReplica } from "./tell-replica.ts";

export type CheckDeps = TellDeps & {
  readonly registry: RegistryReader;
  readonly replication: ReplicationReader;
  readonly due: DueStore;
};

export type CheckRequest = {
  readonly item: DueItem;
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

export type Checked = {
  /** `superseded`: another worker has the item, or it is done; nothing was looked at. */
  readonly outcome: "done" | "again" | "superseded";
  readonly replicas: readonly CheckedReplica[];
};

/**
 * Looks for the copies of one push: at the source, then at each destination that the source does not report complete.
 * Then the item is deleted, or due again. The item's version fences the whole: a message that comes twice finds it moved on.
 * Throws RegistryUnavailableError; the item's lease then ends by itself.
 */
export async function checkReplicas(deps: CheckDeps, request: CheckRequest): Promise<Checked> {
  const { item } = request;
  const current = await deps.due.findDue(item.id);
  if (current?.version !== item.version) return { outcome: "superseded", replicas: [] };
  const payload = ReplicaCheckPayload.parse(item.payload);
  const source = await readSource(deps, payload);
  const checks = await Promise.all(
    payload.destinations.map((destination) => checkOne(deps, request, { payload, destination, source })),
  );
  const replicas = checks.filter((check) => check !== undefined);
  const next = replicas
    .flatMap(({ nextCheckAt }) => nextCheckAt ?? [])
    .toSorted()
    .at(0);
  if (next === undefined) await deps.due.deleteDue(item.id, item.version);
  else await deps.due.putDue(replicaCheck(payload, next, item.version + 1));
  return { outcome: next === undefined ? "done" : "again", replicas };
}

type Source = { readonly present: boolean; readonly statuses: readonly ReplicationStatus[] };

async function readSource(deps: CheckDeps, payload: ReplicaCheckPayload): Promise<Source> {
  const repository: RepositoryRef = payload;
  const { digest } = payload;
  // ECR answers ImageNotFound to the question for the status of an image that is gone; it promises no copy any more.
  if (!(await deps.registry.findImage(repository, { digest }))) return { present: false, statuses: [] };
  return { present: true, statuses: await deps.replication.replicationStatus(repository, digest) };
}

type One = {
  readonly payload: ReplicaCheckPayload;
  readonly destination: Registry;
  readonly source: Source;
};

async function checkOne(
  deps: CheckDeps,
  request: CheckRequest,
  one: One,
): Promise<(CheckedReplica & { readonly nextCheckAt?: string }) | undefined> {
  const { repository, digest, tag } = one.payload;
  return withFence(async () => {
    const key = { destination: one.destination, repository, digest, tag };
    const known = await deps.replicas.findReplica(key);
    if (!known || known.state === "arrived") return undefined;
    const verdict = await look(deps, request, { ...one, known });
    const replica = settled(known, verdict, request.now);
    await deps.replicas.putReplica(replica);
    // That an image was deleted right after its push is no news.
    const channel = one.source.present ? request.channel : undefined;
    const told = await tellReplica(deps, { replica, reason: verdict.reason, channel, now: request.now });
    const changed = replica.state !== known.state;
    const { reason, nextCheckAt } = verdict;
    return { replica, reason, changed, told, ...(nextCheckAt !== undefined && { nextCheckAt }) };
  });
}

async function look(
  deps: CheckDeps,
  { declared, now }: CheckRequest,
  { payload, destination, source, known }: One & { readonly known: ReplicaRecord },
): Promise<ReplicaVerdict & { readonly failureCode?: string }> {
  const status = source.statuses.find((it) => registryName(it) === registryName(destination));
  const ask =
    status?.status !== "COMPLETE" && declared.some((it) => registryName(it) === registryName(destination));
  const { repository, digest } = payload;
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
  const { expectedAt } = known;
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
  { noticedAt, failureCode: _, ...known }: ReplicaRecord,
  { state, failureCode }: ReplicaVerdict & { readonly failureCode?: string },
  now: Date,
): ReplicaRecord {
  return {
    ...known,
    state,
    checks: known.checks + 1,
    version: known.version + 1,
    ...(state === "arrived" && { arrivedAt: now.toISOString() }),
    ...(failureCode !== undefined && { failureCode }),
    ...(noticedAt !== undefined && state === known.state && { noticedAt }),
  };
}
