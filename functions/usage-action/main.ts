import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import { openBucket } from "@tallyman/aws/s3/bucket";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import { s3RegistriesSource } from "@tallyman/aws/s3/registries-source";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { placeOf } from "../configuration/place.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const dynamo = new DynamoDBClient({ cacheMiddleware: true });
const place = placeOf(config, () => dynamo.config.credentials());
const bucket = openBucket({ ...place, bucket: config.BUCKET_NAME }, place.credentials);

export const handler = createHandler({
  telemetry: powertoolsTelemetry("usage-action"),
  usage: dynamoUsageStore(openTable(config.TABLE_NAME, dynamo)),
  policy: s3PolicySource(bucket, config.POLICY_KEY),
  declared: s3RegistriesSource(bucket, config.REGISTRIES_KEY),
  now: () => new Date(),
});
