import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoBrakeStore } from "@tallyman/aws/dynamodb/brake-store";
import { dynamoDeedQueries } from "@tallyman/aws/dynamodb/deed-log";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoInventoryQueries } from "@tallyman/aws/dynamodb/inventory-queries";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoRegistryRecords } from "@tallyman/aws/dynamodb/registry-records";
import { dynamoRunLog } from "@tallyman/aws/dynamodb/run-log";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { lateClustersOfImage } from "@tallyman/aws/inspector/late-clusters-of-image";
import { openBucket } from "@tallyman/aws/s3/bucket";
import { s3ListingStore } from "@tallyman/aws/s3/listing-store";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import { s3RegistriesSource } from "@tallyman/aws/s3/registries-source";
import { lateDeadLetterQueues } from "@tallyman/aws/sqs/late-dead-letter-queues";
import { lateReconcileQueue } from "@tallyman/aws/sqs/late-reconcile-queue";
import { lateRegistryCheckQueue } from "@tallyman/aws/sqs/late-registry-check-queue";
import { ssmSecretParameter } from "@tallyman/aws/ssm/secret-parameter";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { lateUsageStores } from "../configuration/late-usage-stores.ts";
import { placeOf } from "../configuration/place.ts";
import { readConfig } from "./config.ts";
import { cursorKey } from "./cursor-key.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const dynamo = new DynamoDBClient({});
const table = openTable(config.TABLE_NAME, dynamo);
const place = placeOf(config, () => dynamo.config.credentials());
const bucket = openBucket({ ...place, bucket: config.BUCKET_NAME }, place.credentials);
const policy = s3PolicySource(bucket, config.POLICY_KEY);
const readKey = ssmSecretParameter(config.CURSOR_KEY_PARAMETER);

export const handler = createHandler({
  telemetry: powertoolsTelemetry("api"),
  queries: dynamoInventoryQueries(table),
  images: dynamoImageStore(table),
  tags: dynamoTagStore(table),
  deeds: dynamoDeedQueries(table),
  summaries: dynamoSummaryStore(table),
  listings: s3ListingStore(bucket),
  manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
  brake: dynamoBrakeStore(table),
  audit: dynamoAuditTrail(table),
  deadLetters: lateDeadLetterQueues(config.DEAD_LETTER_QUEUES),
  readAccess: async () => (await policy.currentPolicy()).access,
  usagePolicy: async () => (await policy.currentPolicy()).usage,
  usageStores: lateUsageStores({ table, bucket, queueUrl: config.USAGE_QUEUE_URL }),
  clustersOfImage: lateClustersOfImage(place, {
    roleName: config.READER_ROLE_NAME,
    externalId: config.EXTERNAL_ID,
    sessionName: "tallyman-api",
  }),
  prices: async () => (await policy.currentPolicy()).inventory.prices,
  cursorKey: cursorKey(config.CURSOR_KEY_PARAMETER, readKey),
  declared: s3RegistriesSource(bucket, config.REGISTRIES_KEY),
  registries: dynamoRegistryRecords(table),
  checks: lateRegistryCheckQueue(config.RECONCILE_QUEUE_URL),
  reconciles: lateReconcileQueue(config.RECONCILE_QUEUE_URL),
  runs: dynamoRunLog(table),
  now: () => new Date(),
});
