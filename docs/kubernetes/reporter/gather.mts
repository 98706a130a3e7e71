import { type Cluster, ListExpiredError, pagesOf } from "./cluster.mts";
import { historyLimitOf, type Revision, revisionOf, withinHistory } from "./history.mts";
import { textAt } from "./json.mts";
import { RESOURCES, type Resource } from "./resources.mts";
import { type ObjectUses, serviceOf, type Use, usesOf } from "./uses.mts";

export type Gathered = {
  readonly uses: readonly Use[];
  /** How many objects were looked at, by path. */
  readonly objects: ReadonlyMap<string, number>;
  /** What was left out, and why, for people. */
  readonly leftOut: readonly string[];
};

/** A report takes no more. */
const MOST_USES = 20_000;
const ATTEMPTS = 3;

type Known = {
  /** By uid: what a workload is called, and how many old ReplicaSets it keeps. */
  readonly owners: Map<string, string>;
  readonly limits: Map<string, number>;
};

/**
 * Everything that a cluster runs or would start. Whole or not at all: throws when any list fails. In memory are one page, each
 * use once however many pods share it, and the names of the workloads.
 */
export async function gather(cluster: Cluster): Promise<Gathered> {
  const known: Known = { owners: new Map(), limits: new Map() };
  const uses = new Map<string, Use>();
  const objects = new Map<string, number>();
  const leftOut = new Set<string>();
  for (const resource of RESOURCES) {
    const list = await listWhole(cluster, resource, known);
    objects.set(resource.path, list.objects);
    for (const use of list.uses) addUse(uses, use);
    for (const line of list.leftOut) leftOut.add(line);
  }
  return { uses: [...uses.values()], objects, leftOut: [...leftOut] };
}

type List = { readonly uses: Iterable<Use>; readonly leftOut: Iterable<string>; readonly objects: number };

/** A list that takes longer than the server remembers is begun anew, and what it had said so far is forgotten. */
async function listWhole(cluster: Cluster, resource: Resource, known: Known): Promise<List> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listOnce(cluster, resource, known);
    } catch (error) {
      if (!(error instanceof ListExpiredError) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function listOnce(cluster: Cluster, resource: Resource, known: Known): Promise<List> {
  const { kind } = resource;
  const uses = new Map<string, Use>();
  const revisions: Revision<ObjectUses>[] = [];
  const leftOut = new Set<string>();
  let objects = 0;
  for await (const page of pagesOf(cluster, resource))
    for (const object of page) {
      objects++;
      const found = usesOf(kind, object, known.owners);
      if (kind !== "Pod") note(known, resource, object);
      if (kind === "ReplicaSet") revisions.push(revisionOf(object, found));
      else addUses(found, uses, leftOut);
    }
  for (const found of withinHistory(revisions, known.limits)) addUses(found, uses, leftOut);
  return { uses: uses.values(), leftOut, objects };
}

function note({ owners, limits }: Known, { kind }: Resource, object: unknown): void {
  const uid = textAt(object, "metadata", "uid");
  if (uid === undefined) throw new Error(`a ${kind} without uid`);
  owners.set(uid, serviceOf(kind, object, owners));
  if (kind === "Deployment") limits.set(uid, historyLimitOf(object));
}

function addUses(found: ObjectUses, uses: Map<string, Use>, leftOut: Set<string>): void {
  for (const use of found.uses) addUse(uses, use);
  for (const name of found.unreadable)
    leftOut.add(
      `"${printable(name)}" of ${found.service} is no name of an image: nothing can be pulled by it`,
    );
}

/** The same use again says nothing new, but for when it stopped. */
function addUse(uses: Map<string, Use>, use: Use): void {
  const { seenAt, ...rest } = use;
  const key = JSON.stringify([use.image, use.digest, use.kind, use.service]);
  const before = uses.get(key);
  const latest = before === undefined ? seenAt : later(before.seenAt, seenAt);
  uses.set(key, { ...rest, ...(latest !== undefined && { seenAt: latest }) });
  if (uses.size > MOST_USES)
    throw new Error(`the cluster has more than ${MOST_USES} different uses, more than a report takes`);
}

/** Undefined is later than any time: nobody says that it has ended. */
function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  return a > b ? a : b;
}

/** Names come from whoever may make a pod: no line of theirs begins in our log. */
function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, "?");
}
