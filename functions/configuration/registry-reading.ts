import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { dynamoDueStore } from "@tallyman/aws/dynamodb/due-store";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoReplicaStore } from "@tallyman/aws/dynamodb/replica-store";
import { openTable, type Table } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import { ecrClients } from "@tallyman/aws/ecr/ecr-clients";
import { ecrManifestReader } from "@tallyman/aws/ecr/manifest-reader";
import { ecrRegistryReader } from "@tallyman/aws/ecr/registry-reader";
import { ecrReplicationReader } from "@tallyman/aws/ecr/replication-reader";
import { type Bucket, openBucket } from "@tallyman/aws/s3/bucket";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import { sqsNoticeQueue } from "@tallyman/aws/sqs/notice-queue";
import { assumedRole } from "@tallyman/aws/sts/role-credentials";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import type { RegistryReading } from "./environment.ts";

/** The adapters of every function that reads registries, keeps the inventory and tells people. Called from main.ts only. */
export function registryReading(config: RegistryReading, service: string) {
  const sts = new STSClient({});
  const bucket = ownBucket(config, sts);
  const clients = ecrClients(
    assumedRole(sts, {
      roleName: config.READER_ROLE_NAME,
      externalId: config.EXTERNAL_ID,
      sessionName: `tallyman-${service}`,
    }),
  );
  const table = openTable(config.TABLE_NAME);
  return {
    table,
    clients,
    ...inventoryStores(table, bucket),
    registry: ecrRegistryReader(clients),
    manifestReader: ecrManifestReader(clients, config.READER_ROLE_NAME),
    replication: ecrReplicationReader(clients),
    policy: s3PolicySource(bucket, config.POLICY_KEY),
    notices: sqsNoticeQueue(new SQSClient({}), config.NOTICE_QUEUE_URL),
    telemetry: powertoolsTelemetry(service),
    declared: config.REGISTRIES,
    now: () => new Date(),
  };
}

function inventoryStores(table: Table, bucket: Bucket) {
  return {
    images: dynamoImageStore(table),
    tags: dynamoTagStore(table),
    manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
    violations: dynamoViolationStore(table),
    replicas: dynamoReplicaStore(table),
    due: dynamoDueStore(table),
  };
}

/** The bucket is reached with the function's own credentials, as the SDK's clients find them. */
function ownBucket({ BUCKET_NAME, AWS_REGION, AWS_ENDPOINT_URL }: RegistryReading, sts: STSClient): Bucket {
  const location = {
    bucket: BUCKET_NAME,
    region: AWS_REGION,
    ...(AWS_ENDPOINT_URL !== undefined && { endpoint: AWS_ENDPOINT_URL }),
  };
  return openBucket(location, () => sts.config.credentials());
}
