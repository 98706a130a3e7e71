export type Kind = "CronJob" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet" | "Pod";
export type Resource = { readonly kind: Kind; readonly path: string };

/**
 * Everything that is listed, whatever creates others before what it creates: what is created in between is then in the list
 * that is still to come, and what a Deployment no longer names is in the ReplicaSet that it leaves behind.
 */
export const RESOURCES: readonly Resource[] = [
  { kind: "CronJob", path: "/apis/batch/v1/cronjobs" },
  { kind: "Deployment", path: "/apis/apps/v1/deployments" },
  { kind: "StatefulSet", path: "/apis/apps/v1/statefulsets" },
  { kind: "DaemonSet", path: "/apis/apps/v1/daemonsets" },
  { kind: "Job", path: "/apis/batch/v1/jobs" },
  { kind: "ReplicaSet", path: "/apis/apps/v1/replicasets" },
  { kind: "Pod", path: "/api/v1/pods" },
];

/** Where an object of this kind says what pods are started from it; of a pod, what it is. */
export const POD_SPEC: Readonly<Record<Kind, readonly string[]>> = {
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
  Deployment: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  Pod: ["spec"],
};
