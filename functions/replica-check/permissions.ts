import { replicaStorePermissions } from "@tallyman/aws/dynamodb/replica-store.permissions";
import { registryReaderPermissions } from "@tallyman/aws/ecr/registry-reader.permissions";
import { replicationReaderPermissions } from "@tallyman/aws/ecr/replication-reader.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { policySourcePermissions } from "@tallyman/aws/s3/policy-source.permissions";
import { registriesSourcePermissions } from "@tallyman/aws/s3/registries-source.permissions";
import { noticeQueuePermissions } from "@tallyman/aws/sqs/notice-queue.permissions";

export const permissions = mergePermissions(
  registryReaderPermissions,
  replicationReaderPermissions,
  replicaStorePermissions,
  policySourcePermissions,
  registriesSourcePermissions,
  noticeQueuePermissions,
);
