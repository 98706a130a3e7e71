import { deedLogPermissions } from "@tallyman/aws/dynamodb/deed-log.permissions";
import { summaryItemPermissions } from "@tallyman/aws/dynamodb/summary-store.permissions";
import { tagsOfDigestPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { reconcileQueuePermissions } from "@tallyman/aws/sqs/reconcile-queue.permissions";
import { recountQueuePermissions } from "@tallyman/aws/sqs/recount-queue.permissions";
import { recordingPermissions } from "../configuration/registry-reading.permissions.ts";

export const permissions = mergePermissions(
  recordingPermissions,
  tagsOfDigestPermissions,
  summaryItemPermissions,
  deedLogPermissions,
  reconcileQueuePermissions,
  recountQueuePermissions,
);
