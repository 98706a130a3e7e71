import { AwsError } from "../../http/aws-service.ts";
import type { Queue, SettleOutcome } from "../queue.ts";
import { batchResults, checkBatch } from "./batch.ts";
import type { SqsContext } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import type { Input } from "./input.ts";
import { checkRange } from "./receive.ts";

export function deleteMessage(context: SqsContext, input: Input<"DeleteMessage">): object {
  return deleteOne(context.queue(input.QueueUrl, "DeleteMessage"), input.ReceiptHandle);
}

export function deleteMessageBatch(context: SqsContext, input: Input<"DeleteMessageBatch">): object {
  const queue = context.queue(input.QueueUrl, "DeleteMessage");
  checkBatch(input.Entries);
  return batchResults(input.Entries, (entry) => deleteOne(queue, entry.ReceiptHandle));
}

export function changeMessageVisibility(
  context: SqsContext,
  input: Input<"ChangeMessageVisibility">,
): object {
  return changeOne(context.queue(input.QueueUrl, "ChangeMessageVisibility"), input);
}

export function changeMessageVisibilityBatch(
  context: SqsContext,
  input: Input<"ChangeMessageVisibilityBatch">,
): object {
  const queue = context.queue(input.QueueUrl, "ChangeMessageVisibility");
  checkBatch(input.Entries);
  return batchResults(input.Entries, (entry) => changeOne(queue, entry));
}

/** A standard queue calls it success when the message is gone or has a newer receipt; FIFO refuses an expired one. */
function deleteOne(queue: Queue, receipt: string): object {
  const outcome = queue.delete(receipt);
  checkHandle(outcome, receipt);
  if (outcome === "expired" && queue.settings.fifo)
    throw invalidParameter("ReceiptHandle", "The receipt handle has expired.", receipt);
  return {};
}

function changeOne(
  queue: Queue,
  input: { readonly ReceiptHandle: string; readonly VisibilityTimeout: number },
): object {
  checkRange("VisibilityTimeout", input.VisibilityTimeout, 0, 43_200);
  const outcome = queue.changeVisibility(input.ReceiptHandle, input.VisibilityTimeout);
  checkHandle(outcome, input.ReceiptHandle);
  if (outcome !== "done") throw new AwsError("MessageNotInflight", "The specified message is not in flight.");
  return {};
}

function checkHandle(outcome: SettleOutcome, receipt: string): void {
  if (outcome === "invalid")
    throw new AwsError(
      "ReceiptHandleIsInvalid",
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
      404,
    );
}
