import * as z from "zod";
import { invalidParameter, missingParameter } from "./errors.ts";

const QueueUrl = z.string();
const MessageAttributesInput = z.record(
  z.string(),
  z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
);
const Names = z.array(z.string()).optional();

const MessageInput = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.number().int().optional(),
  MessageAttributes: MessageAttributesInput.optional(),
  MessageSystemAttributes: MessageAttributesInput.optional(),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
});
export type MessageInput = z.infer<typeof MessageInput>;

const Receipt = z.object({ ReceiptHandle: z.string() });
const Visibility = Receipt.extend({ VisibilityTimeout: z.number().int() });
const Entry = { Id: z.string() };

/** What each operation takes (SQS API Reference, 2012-11-05). Unknown members are ignored, as by SQS. */
export const inputs = {
  SendMessage: MessageInput.extend({ QueueUrl }),
  SendMessageBatch: z.object({ QueueUrl, Entries: z.array(MessageInput.extend(Entry)) }),
  ReceiveMessage: z.object({
    QueueUrl,
    AttributeNames: Names,
    MessageSystemAttributeNames: Names,
    MessageAttributeNames: Names,
    MaxNumberOfMessages: z.number().int().optional(),
    VisibilityTimeout: z.number().int().optional(),
    WaitTimeSeconds: z.number().int().optional(),
  }),
  DeleteMessage: Receipt.extend({ QueueUrl }),
  DeleteMessageBatch: z.object({ QueueUrl, Entries: z.array(Receipt.extend(Entry)) }),
  ChangeMessageVisibility: Visibility.extend({ QueueUrl }),
  ChangeMessageVisibilityBatch: z.object({ QueueUrl, Entries: z.array(Visibility.extend(Entry)) }),
  GetQueueAttributes: z.object({ QueueUrl, AttributeNames: Names }),
  GetQueueUrl: z.object({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() }),
  ListQueues: z.object({
    QueueNamePrefix: z.string().optional(),
    NextToken: z.string().optional(),
    MaxResults: z.number().int().min(1).max(1000).optional(),
  }),
  PurgeQueue: z.object({ QueueUrl }),
  StartMessageMoveTask: z.object({
    SourceArn: z.string(),
    DestinationArn: z.string().optional(),
    MaxNumberOfMessagesPerSecond: z.number().int().min(1).max(500).optional(),
  }),
  ListMessageMoveTasks: z.object({
    SourceArn: z.string(),
    MaxResults: z.number().int().min(1).max(10).optional(),
  }),
};

export type Operation = keyof typeof inputs;
export type Input<Name extends Operation> = z.infer<(typeof inputs)[Name]>;

/** Parses an operation's body; throws what SQS answers when a parameter is missing or of the wrong type. */
export function parseInput<Name extends Operation>(operation: Name, body: Uint8Array): Input<Name> {
  const parsed = inputs[operation].safeParse(parseJson(body));
  if (parsed.success) return parsed.data as Input<Name>;
  const [issue] = parsed.error.issues;
  const name = issue?.path.join(".") || "body";
  const missing = issue?.code === "invalid_type" && issue.message.includes("received undefined");
  throw missing ? missingParameter(name) : invalidParameter(name, issue?.message ?? "not valid");
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8") || "{}");
  } catch {
    throw invalidParameter("body", "the request is not JSON");
  }
}
