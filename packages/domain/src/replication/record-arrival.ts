import type { ReplicaKey, ReplicaStore } from "../inventory/ports.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";

export type Arrival = {
  readonly source: Registry;
  /** The copy. */
  readonly repository: RepositoryRef;
  readonly digest: string;
  /** Empty: none. */
  readonly tag: string;
  readonly now: Date;
};

export type RecordedReplica = { readonly replica: ReplicaRecord; readonly changed: boolean };

/** Notes that a copy is there. Nothing expected it yet: its event overtook the push's, and the record begins with it. */
export function recordArrival(replicas: ReplicaStore, arrival: Arrival): Promise<RecordedReplica> {
  return withFence(async () => {
    const known = await replicas.findReplica(keyOf(arrival));
    if (known?.state === "arrived") return { replica: known, changed: false };
    return put(replicas, arrival, known, { state: "arrived", arrivedAt: arrival.now.toISOString() });
  });
}

/** Notes that a copy failed, unless it is there after all. A look that was planned is still made: the source may know why. */
export function recordFailure(replicas: ReplicaStore, arrival: Arrival): Promise<RecordedReplica> {
  return withFence(async () => {
    const known = await replicas.findReplica(keyOf(arrival));
    if (known?.state === "arrived" || known?.state === "failed") return { replica: known, changed: false };
    const checkAt = known?.checkAt;
    return put(replicas, arrival, known, { state: "failed", ...(checkAt !== undefined && { checkAt }) });
  });
}

function keyOf({ repository: { account, region, repository }, digest, tag }: Arrival): ReplicaKey {
  return { destination: { account, region }, repository, digest, tag };
}

async function put(
  replicas: ReplicaStore,
  arrival: Arrival,
  known: ReplicaRecord | undefined,
  settled: Pick<ReplicaRecord, "state" | "arrivedAt" | "checkAt">,
): Promise<RecordedReplica> {
  const replica: ReplicaRecord = {
    ...keyOf(arrival),
    source: arrival.source,
    expectedAt: known?.expectedAt ?? arrival.now.toISOString(),
    checks: known?.checks ?? 0,
    ...settled,
    version: (known?.version ?? 0) + 1,
  };
  await replicas.putReplica(replica);
  return { replica, changed: true };
}
