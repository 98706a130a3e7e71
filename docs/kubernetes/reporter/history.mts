import { at, listAt, numberAt, textAt } from "./json.mts";

/** A ReplicaSet, as far as it decides whether a rollback could still use it. */
export type Revision<T> = {
  /** Of the Deployment that controls it; absent: nobody's, or somebody else's. */
  readonly deployment?: string;
  /** Absent: not known, and then it is kept. */
  readonly revision?: number;
  /** It has pods, or is to have some. */
  readonly isInUse: boolean;
  readonly of: T;
};

/** Kubernetes' own default (`spec.revisionHistoryLimit` of apps/v1 Deployment). */
const DEFAULT_LIMIT = 10;

/** How many old ReplicaSets a Deployment keeps to go back to. */
export function historyLimitOf(deployment: unknown): number {
  return numberAt(deployment, "spec", "revisionHistoryLimit") ?? DEFAULT_LIMIT;
}

export function revisionOf<T>(replicaSet: unknown, of: T): Revision<T> {
  const owner = listAt(replicaSet, "metadata", "ownerReferences").find(
    (it) => at(it, "controller") === true && at(it, "kind") === "Deployment",
  );
  const deployment = textAt(owner, "uid");
  const revision = Number(
    textAt(replicaSet, "metadata", "annotations", "deployment.kubernetes.io/revision") ?? Number.NaN,
  );
  const wanted = numberAt(replicaSet, "spec", "replicas") ?? 1;
  return {
    ...(deployment !== undefined && { deployment }),
    ...(Number.isSafeInteger(revision) && { revision }),
    isInUse: wanted > 0 || (numberAt(replicaSet, "status", "replicas") ?? 0) > 0,
    of,
  };
}

/**
 * ReplicaSets that count: of each Deployment the newest and, of those without pods, as many as its limit says (it keeps more
 * only until its rollout is through, and while it is paused, when it cannot go back); everything that has pods, and everything
 * that is not known to be a Deployment's. `limits` by the Deployment's uid.
 */
export function withinHistory<T>(
  replicaSets: readonly Revision<T>[],
  limits: ReadonlyMap<string, number>,
): readonly T[] {
  const byDeployment = Map.groupBy(replicaSets, (it) => it.deployment);
  return [...byDeployment].flatMap(([deployment, revisions]) => {
    const limit = deployment === undefined ? undefined : limits.get(deployment);
    return (limit === undefined ? revisions : newest(revisions, limit)).map((it) => it.of);
  });
}

function newest<T>(revisions: readonly Revision<T>[], limit: number): readonly Revision<T>[] {
  const current = Math.max(...revisions.map((it) => it.revision ?? 0));
  const isOld = (it: Revision<T>) => !it.isInUse && it.revision !== undefined && it.revision < current;
  const old = revisions.filter(isOld).toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0));
  return [...revisions.filter((it) => !isOld(it)), ...old.slice(0, limit)];
}
