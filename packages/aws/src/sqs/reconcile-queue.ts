import type { SQSClient } from "@aws-sdk/client-sqs";
import type { ReconcileJob, ReconcileQueue } from "@tallyman/domain/reconcile/job";
import { registryName } from "@tallyman/domain/registry/registry";
import { deduplicationId } from "./deduplication-id.ts";
import { sendBatches } from "./send-batches.ts";

/** Registries and repositories to sweep: one after the other in each registry, each once per run. */
export function sqsReconcileQueue(sqs: SQSClient, queueUrl: string): ReconcileQueue {
  return { send: (jobs) => sendBatches(sqs, queueUrl, jobs.map(entryOf)) };
}

function entryOf(job: ReconcileJob) {
  const repository = job.kind === "repository" ? job.repository : "";
  return {
    MessageBody: JSON.stringify(job),
    MessageGroupId: registryName(job),
    MessageDeduplicationId: deduplicationId(`${job.run} ${registryName(job)} ${job.kind} ${repository}`),
  };
}
