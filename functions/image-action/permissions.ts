import { getsTogetherPermissions } from "@tallyman/aws/dynamodb/table.permissions";
import { tagsOfDigestPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { reconcileQueuePermissions } from "@tallyman/aws/sqs/reconcile-queue.permissions";
import { recountQueuePermissions } from "@tallyman/aws/sqs/recount-queue.permissions";
import { recordingPermissions } from "../configuration/registry-reading.permissions.ts";

// The queue: for what was pulled through by an event that does not say what.
export const permissions = mergePermissions(
  recordingPermissions,
  getsTogetherPermissions,
  tagsOfDigestPermissions,
  reconcileQueuePermissions,
  recountQueuePermissions,
);
