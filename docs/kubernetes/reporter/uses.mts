import { createHash } from "node:crypto";
import { at, listAt, textAt } from "./json.mts";
import { imagesOfPod } from "./pod-images.mts";
import { type Kind, POD_SPEC } from "./resources.mts";

export type UseKind = "running" | "stopped" | "template" | "scheduled";
/** One image, and what uses it how. */
export type Use = {
  readonly image: string;
  readonly digest?: string;
  readonly kind: UseKind;
  /** `deployment/shop/web`: of the outermost workload that is known. */
  readonly service: string;
  /** Of what has stopped: when. */
  readonly seenAt?: string;
};
export type ObjectUses = {
  readonly service: string;
  readonly uses: readonly Use[];
  readonly unreadable: readonly string[];
};

/** By uid: what the workloads listed so far are called. */
export type Owners = ReadonlyMap<string, string>;

/** What one object uses. Throws, naming it, when it is not what its kind says. */
export function usesOf(kind: Kind, object: unknown, owners: Owners): ObjectUses {
  const service = serviceOf(kind, object, owners);
  try {
    const status = kind === "Pod" ? at(object, "status") : undefined;
    const { images, unreadable } = imagesOfPod(at(object, ...POD_SPEC[kind]), status);
    const how = howUsed(kind, object);
    return { service, uses: images.map((image) => ({ ...image, ...how, service })), unreadable };
  } catch (cause) {
    throw new Error(`${ownName(kind, object)} is no ${kind}: ${(cause as Error).message}`, { cause });
  }
}

function howUsed(kind: Kind, object: unknown): Pick<Use, "kind" | "seenAt"> {
  if (kind === "CronJob") return { kind: "scheduled" };
  if (kind !== "Pod") return { kind: "template" };
  // A pod in one of these phases starts no container again; every other is, or will be, on a node.
  if (!["Succeeded", "Failed"].includes(textAt(object, "status", "phase") ?? "")) return { kind: "running" };
  const seenAt = lastFinished(at(object, "status"));
  return { kind: "stopped", ...(seenAt !== undefined && { seenAt }) };
}

function lastFinished(status: unknown): string | undefined {
  const statuses = ["containerStatuses", "initContainerStatuses"].flatMap((list) => listAt(status, list));
  const times = statuses.map((it) => textAt(it, "state", "terminated", "finishedAt"));
  return times
    .filter((it) => it !== undefined)
    .toSorted()
    .at(-1);
}

/** `deployment/shop/web` for a Deployment, its ReplicaSets and their pods: what changes with every pod would be news each time. */
export function serviceOf(kind: Kind, object: unknown, owners: Owners): string {
  const owner = listAt(object, "metadata", "ownerReferences").find((it) => at(it, "controller") === true);
  if (owner === undefined) return ownName(kind, object);
  const known = owners.get(textAt(owner, "uid") ?? "");
  return (
    known ?? nameOf([textAt(owner, "kind"), textAt(object, "metadata", "namespace"), textAt(owner, "name")])
  );
}

function ownName(kind: Kind, object: unknown): string {
  return nameOf([kind, textAt(object, "metadata", "namespace"), textAt(object, "metadata", "name")]);
}

/** The longest that a report takes. Namespaces have at most 63 characters, names at most 253. */
const LONGEST = 256;

function nameOf([kind, namespace, name]: readonly (string | undefined)[]): string {
  if (kind === undefined || namespace === undefined || name === undefined)
    throw new Error("an object without kind, namespace or name");
  const whole = `${kind.toLowerCase()}/${namespace}/${name}`;
  if (whole.length <= LONGEST) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, 16);
  return `${whole.slice(0, LONGEST - hash.length - 1)}.${hash}`;
}
