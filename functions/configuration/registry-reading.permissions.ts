import { imageItemPermissions } from "@tallyman/aws/dynamodb/image-store.permissions";
import { manifestStorePermissions } from "@tallyman/aws/dynamodb/manifest-store.permissions";
import { replicaStorePermissions } from "@tallyman/aws/dynamodb/replica-store.permissions";
import { summaryItemPermissions } from "@tallyman/aws/dynamodb/summary-store.permissions";
import { tagItemPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { violationItemPermissions } from "@tallyman/aws/dynamodb/violation-store.permissions";
import { manifestReaderPermissions } from "@tallyman/aws/ecr/manifest-reader.permissions";
import { registryReaderPermissions } from "@tallyman/aws/ecr/registry-reader.permissions";
import { replicationReaderPermissions } from "@tallyman/aws/ecr/replication-reader.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { manifestBodiesPermissions } from "@tallyman/aws/s3/manifest-bodies.permissions";
import { policySourcePermissions } from "@tallyman/aws/s3/policy-source.permissions";
import { registriesSourcePermissions } from "@tallyman/aws/s3/registries-source.permissions";
import { noticeQueuePermissions } from "@tallyman/aws/sqs/notice-queue.permissions";

/** What recording an image and what follows from it needs, item by item. */
export const recordingPermissions = mergePermissions(
  registryReaderPermissions,
  manifestReaderPermissions,
  replicationReaderPermissions,
  imageItemPermissions,
  tagItemPermissions,
  violationItemPermissions,
  replicaStorePermissions,
  summaryItemPermissions,
  manifestStorePermissions,
  manifestBodiesPermissions,
  policySourcePermissions,
  registriesSourcePermissions,
  noticeQueuePermissions,
);
