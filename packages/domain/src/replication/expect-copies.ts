import type { ReplicationRule } from "../image/ports.ts";
import type { ReplicaStore } from "../inventory/ports.ts";
import type { ReplicaRecord } from "../inventory/records.ts";
import { withFence } from "../inventory/with-fence.ts";
import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { expectedDestinations, nextCheckAt } from "./expect-replicas.ts";

export type CopyDeps = { readonly replicas: ReplicaStore };

/** One image under one tag (empty: none) in the registry it was pushed to. `expectedAt`: since when it is there. */
export type Push = {
  readonly repository: RepositoryRef;
  readonly digest: string;
  readonly tag: string;
  readonly expectedAt: string;
  /** The registry's own. */
  readonly rules: readonly ReplicationRule[];
  readonly now: Date;
};

export type ExpectedCopy = { readonly replica: ReplicaRecord; readonly changed: boolean };

/**
 * Notes each copy that the registry's own replication rules promise of a push, and when to look for it: one item write
 * for each destination. The same push again writes nothing, and completes what a crash left out.
 */
export async function expectCopies(deps: CopyDeps, push: Push): Promise<readonly ExpectedCopy[]> {
  const destinations = expectedDestinations(push.rules, push.repository);
  if (destinations.length === 0 || (await isCopyItself(deps, push))) return [];
  return Promise.all(destinations.map((destination) => withFence(() => expectCopy(deps, push, destination))));
}

/** ECR does not copy on what arrived by replication. */
async function isCopyItself({ replicas }: CopyDeps, push: Push): Promise<boolean> {
  const { account, region, repository } = push.repository;
  const key = { destination: { account, region }, repository, digest: push.digest, tag: push.tag };
  return (await replicas.findReplica(key)) !== undefined;
}

async function expectCopy(deps: CopyDeps, push: Push, destination: Registry): Promise<ExpectedCopy> {
  const { account, region, repository } = push.repository;
  const { digest, tag, expectedAt } = push;
  const known = await deps.replicas.findReplica({ destination, repository, digest, tag });
  if (known?.expectedAt === expectedAt) return { replica: known, changed: false };
  const base = { source: { account, region }, destination, repository, digest, tag, expectedAt };
  const version = (known?.version ?? 0) + 1;
  const checkAt = nextCheckAt(expectedAt, push.now);
  const replica: ReplicaRecord =
    known && cameFirst(known)
      ? { ...known, ...base, ...(known.state === "failed" && { checkAt }), version }
      : { ...base, state: "pending", checks: 0, checkAt, version };
  await deps.replicas.putReplica(replica);
  return { replica, changed: true };
}

/**
 * The copy's event overtook the push's. An expected copy begins as pending, with a look planned: only then is the first
 * version arrived, or the first two, failed and told, without a look.
 */
function cameFirst({ state, version, checkAt }: ReplicaRecord): boolean {
  if (state === "failed") return version <= 2 && checkAt === undefined;
  return state === "arrived" && version === 1;
}
