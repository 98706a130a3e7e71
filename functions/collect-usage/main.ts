import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamoSourceStateStore } from "@tallyman/aws/dynamodb/source-state-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import { ecrConsumersReader } from "@tallyman/aws/ecr/consumers-reader";
import { ecrClients } from "@tallyman/aws/ecr/ecr-clients";
import { openBucket } from "@tallyman/aws/s3/bucket";
import { s3CollectionStore } from "@tallyman/aws/s3/collection-store";
import { s3ConsumersStore } from "@tallyman/aws/s3/consumers-store";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import { s3RegistriesSource } from "@tallyman/aws/s3/registries-source";
import { s3SnapshotStore } from "@tallyman/aws/s3/snapshot-store";
import { lateNoticeQueue } from "@tallyman/aws/sqs/late-notice-queue";
import { sqsRedelivery } from "@tallyman/aws/sqs/redelivery";
import { sqsUsageQueue } from "@tallyman/aws/sqs/usage-queue";
import { assumedRole } from "@tallyman/aws/sts/role-credentials";
import { openUsageCollectors } from "@tallyman/aws/usage/open-usage-collectors";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { placeOf } from "../configuration/place.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const sqs = new SQSClient({});
const place = placeOf(config, () => dynamo.config.credentials());
const bucket = openBucket({ ...place, bucket: config.BUCKET_NAME }, place.credentials);
const table = openTable(config.TABLE_NAME, dynamo);
const session = { externalId: config.EXTERNAL_ID, sessionName: "tallyman-collect-usage" };
const role = assumedRole(place, { ...session, roleName: config.READER_ROLE_NAME });
const clients = { role, retryMode: "adaptive" } as const;

export const handler = createHandler({
  telemetry: powertoolsTelemetry("collect-usage"),
  policy: s3PolicySource(bucket, config.POLICY_KEY),
  declared: s3RegistriesSource(bucket, config.REGISTRIES_KEY),
  collectors: openUsageCollectors(clients),
  consumersReader: ecrConsumersReader(ecrClients(role, "adaptive")),
  usage: dynamoUsageStore(table),
  states: dynamoSourceStateStore(table),
  snapshots: s3SnapshotStore(bucket),
  consumers: s3ConsumersStore(bucket),
  collections: s3CollectionStore(bucket),
  queue: sqsUsageQueue(sqs, config.USAGE_QUEUE_URL),
  notices: lateNoticeQueue(config.NOTICE_QUEUE_URL),
  redelivery: sqsRedelivery(sqs, config.USAGE_QUEUE_URL),
  now: () => new Date(),
  elapsed: () => performance.now(),
});
