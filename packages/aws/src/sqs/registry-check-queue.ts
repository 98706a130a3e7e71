import type { SQSClient } from "@aws-sdk/client-sqs";
import type { RegistryCheckQueue } from "@tallyman/domain/registry/check-job";
import { registryName } from "@tallyman/domain/registry/registry";
import { deduplicationId } from "./deduplication-id.ts";
import { sendBatches } from "./send-batches.ts";

/** Checks wait for no sweep of their registry: they are a group of their own in the queue of reconciles. */
export function sqsRegistryCheckQueue(sqs: SQSClient, queueUrl: string): RegistryCheckQueue {
  return {
    send: (check, registries) =>
      sendBatches(
        sqs,
        queueUrl,
        registries.map((registry) => ({
          MessageBody: JSON.stringify({ kind: "check", ...registry, check }),
          MessageGroupId: `check#${registryName(registry)}`,
          MessageDeduplicationId: deduplicationId(`check ${check} ${registryName(registry)}`),
        })),
      ),
  };
}
