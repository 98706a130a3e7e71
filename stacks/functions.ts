import type { Permission } from "@tallyman/aws/permission";
import type { FunctionFolder } from "./names.ts";
import { functionRoleName, logicalName, METRICS_NAMESPACE } from "./names.ts";
import type { ConsumerQueues } from "./queues.ts";

export type FunctionSpec = {
  readonly folder: FunctionFolder;
  readonly timeoutSeconds: number;
  readonly memory: "256 MB" | "512 MB" | "1024 MB";
  /** A fresh object per function: SST writes into it. */
  readonly environment: Record<string, $util.Input<string>>;
  readonly permissions: sst.aws.FunctionArgs["permissions"];
};

/** A function: the bundle that `npm run build` wrote, under a role whose name members can trust. */
export function createFunction(spec: FunctionSpec): sst.aws.Function {
  return new sst.aws.Function(logicalName(spec.folder), {
    bundle: `dist/functions/${spec.folder}`,
    handler: "bundle.handler",
    timeout: `${spec.timeoutSeconds} seconds`,
    memory: spec.memory,
    environment: {
      ...spec.environment,
      POWERTOOLS_SERVICE_NAME: spec.folder,
      POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
    },
    permissions: spec.permissions,
    transform: { role: { name: functionRoleName(spec.folder) } },
  });
}

export type Consumption = { readonly batchSize: number; readonly maximumConcurrency: number };

/** Lets Lambda poll a queue for `fn`: failed messages come back alone, and a burst cannot exhaust the account. */
export function consume(queues: ConsumerQueues, fn: sst.aws.Function, consumption: Consumption): void {
  queues.queue.subscribe(fn.arn, {
    batch: { size: consumption.batchSize, partialResponses: true },
    transform: {
      eventSourceMapping: { scalingConfig: { maximumConcurrency: consumption.maximumConcurrency } },
    },
  });
}

/** Each folder's own statement of what it needs, composed from its adapters' permissions. */
export async function readPermissions(): Promise<Readonly<Record<FunctionFolder, readonly Permission[]>>> {
  const read = await Promise.all([
    import("@tallyman/functions/image-action/permissions"),
    import("@tallyman/functions/replication-action/permissions"),
    import("@tallyman/functions/trail-action/permissions"),
    import("@tallyman/functions/replica-check/permissions"),
    import("@tallyman/functions/reconcile/permissions"),
    import("@tallyman/functions/recount/permissions"),
    import("@tallyman/functions/due/permissions"),
    import("@tallyman/functions/notify/permissions"),
    import("@tallyman/functions/api/permissions"),
  ]);
  const [imageAction, replicationAction, trailAction, replicaCheck, reconcile, recount, due, notify, api] =
    read;
  return {
    "image-action": imageAction.permissions,
    "replication-action": replicationAction.permissions,
    "trail-action": trailAction.permissions,
    "replica-check": replicaCheck.permissions,
    reconcile: reconcile.permissions,
    recount: recount.permissions,
    due: due.permissions,
    notify: notify.permissions,
    api: api.permissions,
  };
}
