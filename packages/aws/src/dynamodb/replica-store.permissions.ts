import type { Permission } from "../permission.ts";

/** findReplica, putReplica. */
export const replicaStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listDue. */
export const dueReplicasPermissions: readonly Permission[] = [
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
];
