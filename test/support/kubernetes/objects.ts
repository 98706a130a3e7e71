/** Objects as the Kubernetes API writes them, with what a test does not care about left at what is usual. */

export type Container = { readonly name?: string; readonly image?: string; readonly imageID?: string };
export type PodParts = {
  readonly containers?: readonly Container[];
  readonly init?: readonly Container[];
  readonly ephemeral?: readonly Container[];
  readonly volumes?: readonly object[];
};
type Owner = { readonly kind: string; readonly name: string; readonly uid: string };
type Named = { readonly name: string; readonly namespace?: string; readonly owner?: Owner };

export const uidOf = (kind: string, name: string) => `uid of ${kind} ${name}`;
export const ownedBy = (kind: string, name: string): Owner => ({ kind, name, uid: uidOf(kind, name) });

function metadata(kind: string, { name, namespace = "shop", owner }: Named, more: object = {}) {
  const ownerReferences = owner && [
    { apiVersion: "v1", ...owner, controller: true, blockOwnerDeletion: true },
  ];
  return { name, namespace, uid: uidOf(kind, name), ...(ownerReferences && { ownerReferences }), ...more };
}

const withNames = (containers: readonly Container[] = [], prefix: string) =>
  containers.map((it, n) => ({ name: `${prefix}${n}`, ...it }));

function podSpec({ containers = [], init = [], ephemeral = [], volumes = [] }: PodParts) {
  const plain = (list: readonly Container[]) => list.map(({ imageID: _, ...it }) => it);
  return {
    restartPolicy: "Always",
    ...(init.length > 0 && { initContainers: plain(withNames(init, "init")) }),
    containers: plain(withNames(containers, "main")),
    ...(ephemeral.length > 0 && { ephemeralContainers: plain(withNames(ephemeral, "debug")) }),
    ...(volumes.length > 0 && { volumes }),
  };
}

const statuses = (containers: readonly (Container & { name: string })[], state: object) =>
  containers.map(({ name, image, imageID = "" }) => ({ name, image, imageID, ready: true, state }));

export function aPod(
  named: Named,
  parts: PodParts,
  { phase = "Running", finishedAt }: { readonly phase?: string; readonly finishedAt?: string } = {},
) {
  const state = finishedAt ? { terminated: { exitCode: 0, finishedAt } } : { running: {} };
  const status = {
    phase,
    containerStatuses: statuses(withNames(parts.containers, "main"), state),
    ...(parts.init && { initContainerStatuses: statuses(withNames(parts.init, "init"), state) }),
    ...(parts.ephemeral && {
      ephemeralContainerStatuses: statuses(withNames(parts.ephemeral, "debug"), state),
    }),
  };
  return { metadata: metadata("Pod", named), spec: podSpec(parts), status };
}

const template = (parts: PodParts) => ({ template: { metadata: {}, spec: podSpec(parts) } });

export function aDeployment(named: Named, parts: PodParts, spec: object = {}) {
  return { metadata: metadata("Deployment", named), spec: { replicas: 1, ...spec, ...template(parts) } };
}

export function aReplicaSet(
  named: Named,
  parts: PodParts,
  { replicas = 0, revision }: { readonly replicas?: number; readonly revision?: number } = {},
) {
  const annotations = revision === undefined ? {} : { "deployment.kubernetes.io/revision": `${revision}` };
  const spec = { replicas, ...template(parts) };
  return { metadata: metadata("ReplicaSet", named, { annotations }), spec, status: { replicas } };
}

/** A StatefulSet, a DaemonSet or a Job. */
export function aWorkload(kind: "StatefulSet" | "DaemonSet" | "Job", named: Named, parts: PodParts) {
  return { metadata: metadata(kind, named), spec: template(parts) };
}

export function aCronJob(named: Named, parts: PodParts) {
  const spec = { schedule: "0 4 * * *", suspend: true, jobTemplate: { spec: template(parts) } };
  return { metadata: metadata("CronJob", named), spec };
}
