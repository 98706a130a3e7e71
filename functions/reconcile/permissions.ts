import { auditTrailPermissions } from "@tallyman/aws/dynamodb/audit-trail.permissions";
import { imageListPermissions } from "@tallyman/aws/dynamodb/image-store.permissions";
import {
  summaryItemPermissions,
  summaryListPermissions,
} from "@tallyman/aws/dynamodb/summary-store.permissions";
import { tagListPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { violationListPermissions } from "@tallyman/aws/dynamodb/violation-store.permissions";
import { pullTimeExclusionsPermissions } from "@tallyman/aws/ecr/pull-time-exclusions.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { reconcileQueuePermissions } from "@tallyman/aws/sqs/reconcile-queue.permissions";
import { recordingPermissions } from "../configuration/registry-reading.permissions.ts";

export const permissions = mergePermissions(
  recordingPermissions,
  imageListPermissions,
  tagListPermissions,
  violationListPermissions,
  summaryItemPermissions,
  summaryListPermissions,
  auditTrailPermissions,
  pullTimeExclusionsPermissions,
  reconcileQueuePermissions,
);
