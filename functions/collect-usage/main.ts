import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { openBucket } from "@tallyman/aws/s3/bucket";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import { s3RegistriesSource } from "@tallyman/aws/s3/registries-source";
import { sqsRedelivery } from "@tallyman/aws/sqs/redelivery";
import { sqsUsageQueue } from "@tallyman/aws/sqs/usage-queue";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { placeOf } from "../configuration/place.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const sqs = new SQSClient({});
const place = placeOf(config, () => dynamo.config.credentials());
const bucket = openBucket({ ...place, bucket: config.BUCKET_NAME }, place.credentials);

export const handler = createHandler({
  telemetry: powertoolsTelemetry("collect-usage"),
  policy: s3PolicySource(bucket, config.POLICY_KEY),
  declared: s3RegistriesSource(bucket, config.REGISTRIES_KEY),
  queue: sqsUsageQueue(sqs, config.USAGE_QUEUE_URL),
  redelivery: sqsRedelivery(sqs, config.USAGE_QUEUE_URL),
  now: () => new Date(),
});
