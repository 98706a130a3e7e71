import { brakeStorePermissions } from "@tallyman/aws/dynamodb/brake-store.permissions";
import { dueItemPermissions, dueListPermissions } from "@tallyman/aws/dynamodb/due-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { replicaCheckQueuePermissions } from "@tallyman/aws/sqs/replica-check-queue.permissions";

export const permissions = mergePermissions(
  brakeStorePermissions,
  dueItemPermissions,
  dueListPermissions,
  replicaCheckQueuePermissions,
);
