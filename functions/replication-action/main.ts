import { lateRecountQueue } from "@tallyman/aws/sqs/late-recount-queue";
import { registryReading } from "../configuration/registry-reading.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);

export const handler = createHandler({
  ...registryReading(config, "replication-action", { together: true }),
  recounts: lateRecountQueue(config.RECOUNT_QUEUE_URL),
});
