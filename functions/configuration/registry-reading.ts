import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoReplicaStore } from "@tallyman/aws/dynamodb/replica-store";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { openTable, type Table } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import { type EcrRetries, ecrClients } from "@tallyman/aws/ecr/ecr-clients";
import { ecrManifestReader } from "@tallyman/aws/ecr/manifest-reader";
import { ecrRegistryReader } from "@tallyman/aws/ecr/registry-reader";
import { ecrReplicationReader } from "@tallyman/aws/ecr/replication-reader";
import { type Bucket, openBucket } from "@tallyman/aws/s3/bucket";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import { s3RegistriesSource } from "@tallyman/aws/s3/registries-source";
import { lateNoticeQueue } from "@tallyman/aws/sqs/late-notice-queue";
import { assumedRole } from "@tallyman/aws/sts/role-credentials";
import { notingRepositories } from "@tallyman/domain/inventory/note-repository";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import type { RegistryReading } from "./environment.ts";
import { placeOf } from "./place.ts";

type Ways = {
  readonly retries?: EcrRetries;
  /** For batches of messages that are worked at the same time: see openTable, ecrRegistryReader. */
  readonly together?: boolean;
};

/** The adapters of every function that reads registries, keeps the inventory and tells people. Called from main.ts only. */
export function registryReading(config: RegistryReading, service: string, { retries, ...ways }: Ways = {}) {
  const dynamo = new DynamoDBClient({ cacheMiddleware: true });
  // Bucket and STS are reached without an SDK client, with the credentials that the SDK's own clients use.
  const sts = placeOf(config, () => dynamo.config.credentials());
  const bucket = openBucket({ ...sts, bucket: config.BUCKET_NAME }, sts.credentials);
  const role = { roleName: config.READER_ROLE_NAME, externalId: config.EXTERNAL_ID };
  const clients = ecrClients(assumedRole(sts, { ...role, sessionName: `tallyman-${service}` }), retries);
  const table = openTable(config.TABLE_NAME, dynamo, ways);
  const now = () => new Date();
  return {
    table,
    bucket,
    clients,
    sts,
    ...inventoryStores(table, bucket),
    registry: ecrRegistryReader(clients, ways),
    manifestReader: ecrManifestReader(clients, config.READER_ROLE_NAME),
    replication: ecrReplicationReader(clients),
    policy: s3PolicySource(bucket, config.POLICY_KEY),
    noteRepository: notingRepositories(dynamoSummaryStore(table)),
    notices: lateNoticeQueue(config.NOTICE_QUEUE_URL),
    telemetry: powertoolsTelemetry(service),
    declared: s3RegistriesSource(bucket, config.REGISTRIES_KEY),
    now,
  };
}

function inventoryStores(table: Table, bucket: Bucket) {
  return {
    images: dynamoImageStore(table),
    tags: dynamoTagStore(table),
    manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
    violations: dynamoViolationStore(table),
    replicas: dynamoReplicaStore(table),
  };
}
