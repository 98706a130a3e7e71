import {
  sourceStateListingPermissions,
  sourceStateStorePermissions,
} from "@tallyman/aws/dynamodb/source-state-store.permissions";
import { usageStorePermissions } from "@tallyman/aws/dynamodb/usage-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { collectionStorePermissions } from "@tallyman/aws/s3/collection-store.permissions";
import { consumersWritingPermissions } from "@tallyman/aws/s3/consumers-store.permissions";
import { policySourcePermissions } from "@tallyman/aws/s3/policy-source.permissions";
import { registriesSourcePermissions } from "@tallyman/aws/s3/registries-source.permissions";
import { snapshotWritingPermissions } from "@tallyman/aws/s3/snapshot-store.permissions";
import { noticeQueuePermissions } from "@tallyman/aws/sqs/notice-queue.permissions";
import { usageQueuePermissions, usageRedeliveryPermissions } from "@tallyman/aws/sqs/usage-queue.permissions";
import { readerCredentialsPermissions } from "@tallyman/aws/sts/role-credentials.permissions";

export const permissions = mergePermissions(
  readerCredentialsPermissions,
  usageStorePermissions,
  sourceStateStorePermissions,
  sourceStateListingPermissions,
  snapshotWritingPermissions,
  consumersWritingPermissions,
  collectionStorePermissions,
  policySourcePermissions,
  registriesSourcePermissions,
  usageQueuePermissions,
  usageRedeliveryPermissions,
  noticeQueuePermissions,
);
