import { SQSClient } from "@aws-sdk/client-sqs";
import type { DeadLetterQueues } from "@tallyman/domain/dead-letter/ports";
import { type DeclaredQueue, sqsDeadLetterQueues } from "./dead-letter-queues.ts";

/** The declared dead-letter queues with the function's own credentials and Region. */
export function openDeadLetterQueues(declared: readonly DeclaredQueue[]): DeadLetterQueues {
  return sqsDeadLetterQueues(new SQSClient({}), declared);
}
