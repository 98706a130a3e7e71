import { getsTogetherPermissions } from "@tallyman/aws/dynamodb/table.permissions";
import { tagsOfDigestPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { recountQueuePermissions } from "@tallyman/aws/sqs/recount-queue.permissions";
import { recordingPermissions } from "../configuration/registry-reading.permissions.ts";

// An image that is gone by the time its copy is reported has its tags looked up by digest.
export const permissions = mergePermissions(
  recordingPermissions,
  getsTogetherPermissions,
  tagsOfDigestPermissions,
  recountQueuePermissions,
);
