import { brakeStorePermissions } from "@tallyman/aws/dynamodb/brake-store.permissions";
import {
  dueReplicasPermissions,
  replicaStorePermissions,
} from "@tallyman/aws/dynamodb/replica-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { replicaCheckQueuePermissions } from "@tallyman/aws/sqs/replica-check-queue.permissions";

export const permissions = mergePermissions(
  brakeStorePermissions,
  replicaStorePermissions,
  dueReplicasPermissions,
  replicaCheckQueuePermissions,
);
