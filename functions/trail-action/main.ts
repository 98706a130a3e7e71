import { dynamoDeedLog } from "@tallyman/aws/dynamodb/deed-log";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { lateReconcileQueue } from "@tallyman/aws/sqs/late-reconcile-queue";
import { lateRecountQueue } from "@tallyman/aws/sqs/late-recount-queue";
import { registryReading } from "../configuration/registry-reading.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const { table, ...reading } = registryReading(config, "trail-action");

export const handler = createHandler({
  ...reading,
  deeds: dynamoDeedLog(table),
  summaries: dynamoSummaryStore(table),
  queue: lateReconcileQueue(config.RECONCILE_QUEUE_URL),
  recounts: lateRecountQueue(config.RECOUNT_QUEUE_URL),
});
