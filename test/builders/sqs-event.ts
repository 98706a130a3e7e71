import { createHash } from "node:crypto";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";

export type QueuedMessage = {
  readonly body: unknown;
  /** Set for FIFO queues. */
  readonly group?: string;
  readonly receiveCount?: number;
};

/** The event of an SQS event source mapping, in the shape Lambda sends it. A string body stands as it is. */
export function anSqsEvent(...messages: readonly QueuedMessage[]): SQSEvent {
  return { Records: messages.map(anSqsRecord) };
}

/** Ids are `message-1`, `message-2`, ... in the order of the batch. */
function anSqsRecord(message: QueuedMessage, index: number): SQSRecord {
  const body = typeof message.body === "string" ? message.body : JSON.stringify(message.body);
  return {
    messageId: `message-${index + 1}`,
    receiptHandle: `receipt-${index + 1}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount ?? 1),
      SentTimestamp: "1795255200000",
      SenderId: "AIDAIENQZJOLO23YVJ4VO",
      ApproximateFirstReceiveTimestamp: "1795255200100",
      ...(message.group === undefined ? {} : { MessageGroupId: message.group }),
    },
    messageAttributes: {},
    md5OfBody: createHash("md5").update(body).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:111122223333:Queue${message.group === undefined ? "" : ".fifo"}`,
    awsRegion: "us-east-1",
  };
}

export function aLambdaContext(functionName = "function"): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:${functionName}`,
    memoryLimitInMB: "512",
    awsRequestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "2026/11/21/[$LATEST]0",
    getRemainingTimeInMillis: () => 30_000,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
