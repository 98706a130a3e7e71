import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamoBrakeStore } from "@tallyman/aws/dynamodb/brake-store";
import { dynamoReplicaStore } from "@tallyman/aws/dynamodb/replica-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { sqsReplicaCheckQueue } from "@tallyman/aws/sqs/replica-check-queue";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const table = openTable(config.TABLE_NAME);

export const handler = createHandler({
  telemetry: powertoolsTelemetry("due"),
  replicas: dynamoReplicaStore(table),
  brake: dynamoBrakeStore(table),
  queue: sqsReplicaCheckQueue(new SQSClient({}), config.REPLICA_CHECK_QUEUE_URL),
  now: () => new Date(),
});
