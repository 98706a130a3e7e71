import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import { openBucket } from "@tallyman/aws/s3/bucket";
import { s3ListingStore } from "@tallyman/aws/s3/listing-store";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, ...names } = readConfig(process.env);
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const place = { bucket: names.BUCKET_NAME, region, ...(endpoint !== undefined && { endpoint }) };
const bucket = openBucket(place, () => dynamo.config.credentials());
const table = openTable(names.TABLE_NAME, dynamo);

export const handler = createHandler({
  images: dynamoImageStore(table),
  tags: dynamoTagStore(table),
  violations: dynamoViolationStore(table),
  manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
  summaries: dynamoSummaryStore(table),
  listings: s3ListingStore(bucket),
  telemetry: powertoolsTelemetry("recount"),
  now: () => new Date(),
});
