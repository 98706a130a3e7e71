import { SQSClient } from "@aws-sdk/client-sqs";
import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";
import { sqsReconcileQueue } from "./reconcile-queue.ts";

/** The queue of reconciles with the function's own credentials and Region. */
export function openReconcileQueue(queueUrl: string): ReconcileQueue {
  return sqsReconcileQueue(new SQSClient({}), queueUrl);
}
