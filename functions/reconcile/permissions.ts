import { auditTrailPermissions } from "@tallyman/aws/dynamodb/audit-trail.permissions";
import { imageListPermissions } from "@tallyman/aws/dynamodb/image-store.permissions";
import { registryRecordsPermissions } from "@tallyman/aws/dynamodb/registry-records.permissions";
import { runLogReadPermissions, runLogWritePermissions } from "@tallyman/aws/dynamodb/run-log.permissions";
import {
  summaryItemPermissions,
  summaryListPermissions,
} from "@tallyman/aws/dynamodb/summary-store.permissions";
import { tagListPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { violationListPermissions } from "@tallyman/aws/dynamodb/violation-store.permissions";
import { pullTimeExclusionsPermissions } from "@tallyman/aws/ecr/pull-time-exclusions.permissions";
import { registryProbePermissions } from "@tallyman/aws/ecr/registry-probe.permissions";
import { resourceTagReaderPermissions } from "@tallyman/aws/ecr/resource-tag-reader.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import {
  reconcileQueuePermissions,
  reconcileRedeliveryPermissions,
} from "@tallyman/aws/sqs/reconcile-queue.permissions";
import { recountingPermissions } from "../configuration/recounting.permissions.ts";
import { recordingPermissions } from "../configuration/registry-reading.permissions.ts";

export const permissions = mergePermissions(
  recordingPermissions,
  recountingPermissions,
  imageListPermissions,
  tagListPermissions,
  violationListPermissions,
  summaryItemPermissions,
  summaryListPermissions,
  registryRecordsPermissions,
  runLogReadPermissions,
  runLogWritePermissions,
  auditTrailPermissions,
  resourceTagReaderPermissions,
  pullTimeExclusionsPermissions,
  registryProbePermissions,
  reconcileQueuePermissions,
  reconcileRedeliveryPermissions,
);
