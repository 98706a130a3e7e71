import type { Permission } from "@tallyman/aws/permission";
import type { FunctionFolder } from "./names.ts";
import { FUNCTION_FOLDERS, functionRoleName, logicalName, METRICS_NAMESPACE } from "./names.ts";
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
  const read = {
    "image-action": import("@tallyman/functions/image-action/permissions"),
    "replication-action": import("@tallyman/functions/replication-action/permissions"),
    "trail-action": import("@tallyman/functions/trail-action/permissions"),
    "replica-check": import("@tallyman/functions/replica-check/permissions"),
    reconcile: import("@tallyman/functions/reconcile/permissions"),
    recount: import("@tallyman/functions/recount/permissions"),
    due: import("@tallyman/functions/due/permissions"),
    "usage-action": import("@tallyman/functions/usage-action/permissions"),
    "collect-usage": import("@tallyman/functions/collect-usage/permissions"),
    notify: import("@tallyman/functions/notify/permissions"),
    api: import("@tallyman/functions/api/permissions"),
  };
  const permissionsOf = async (folder: FunctionFolder) => [folder, (await read[folder]).permissions] as const;
  const all = await Promise.all(FUNCTION_FOLDERS.map(permissionsOf));
  return Object.fromEntries(all) as Record<FunctionFolder, readonly Permission[]>;
}
