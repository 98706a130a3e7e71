import { lateReconcileQueue } from "@tallyman/aws/sqs/late-reconcile-queue";
import { lateRecountQueue } from "@tallyman/aws/sqs/late-recount-queue";
import { registryReading } from "../configuration/registry-reading.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);

export const handler = createHandler({
  ...registryReading(config, "image-action", { together: true }),
  queue: lateReconcileQueue(config.RECONCILE_QUEUE_URL),
  recounts: lateRecountQueue(config.RECOUNT_QUEUE_URL),
});
