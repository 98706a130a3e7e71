import { AwsError } from "../../http/aws-service.ts";
import type { Queue } from "../queue.ts";
import type { SqsContext } from "./context.ts";
import type { Input } from "./input.ts";

export function getQueueAttributes(context: SqsContext, input: Input<"GetQueueAttributes">): object {
  const queue = context.queue(input.QueueUrl, "GetQueueAttributes");
  const all = attributes(queue, context);
  const names = input.AttributeNames ?? [];
  const unknown = names.find((name) => name !== "All" && !(name in all) && !optional.has(name));
  if (unknown) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const wanted = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (names.includes("All") || names.includes(name)),
  );
  return { Attributes: wanted.length > 0 ? Object.fromEntries(wanted) : undefined };
}

/** Attributes that a queue may lack. */
const optional = new Set(["RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"]);

function attributes(queue: Queue, context: SqsContext): Record<string, string | undefined> {
  const { settings } = queue;
  const counts = queue.counts();
  const [policy] = context.queuePolicies(settings.arn);
  const redrive = settings.redrive && {
    deadLetterTargetArn: settings.redrive.deadLetterTarget,
    maxReceiveCount: settings.redrive.maxReceiveCount,
  };
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    VisibilityTimeout: String(settings.visibilityTimeout),
    DelaySeconds: String(settings.delay),
    MessageRetentionPeriod: String(settings.retention),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWait),
    MaximumMessageSize: String(settings.maximumMessageSize),
    SqsManagedSseEnabled: "true",
    CreatedTimestamp: "0",
    LastModifiedTimestamp: "0",
    Policy: policy === undefined ? undefined : JSON.stringify(policy),
    RedrivePolicy: redrive && JSON.stringify(redrive),
    FifoQueue: settings.fifo ? "true" : undefined,
    DeduplicationScope: settings.fifo ? settings.deduplicationScope : undefined,
    ContentBasedDeduplication: settings.fifo ? String(settings.contentBasedDeduplication) : undefined,
  };
}

export function getQueueUrl(context: SqsContext, input: Input<"GetQueueUrl">): object {
  const account = input.QueueOwnerAWSAccountId ?? context.request.account;
  const queue = context.queueByArn(
    `arn:aws:sqs:${context.request.region}:${account}:${input.QueueName}`,
    "GetQueueUrl",
  );
  return { QueueUrl: queueUrl(queue, context) };
}

export function listQueues(context: SqsContext, input: Input<"ListQueues">): object {
  const { account, region, caller } = context.request;
  const decision = context.authorize({
    caller,
    action: "sqs:ListQueues",
    resource: "*",
    resourceAccount: account,
  });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 403);
  const start = input.NextToken ? Number(Buffer.from(input.NextToken, "base64").toString()) : 0;
  const own = context.queues
    .all()
    .filter(({ settings }) => settings.account === account && settings.region === region)
    .filter(({ settings }) => settings.name.startsWith(input.QueueNamePrefix ?? ""));
  const end = start + (input.MaxResults ?? 1000);
  return {
    QueueUrls: own.slice(start, end).map((queue) => queueUrl(queue, context)),
    NextToken: end < own.length ? Buffer.from(String(end)).toString("base64") : undefined,
  };
}

export function purgeQueue(context: SqsContext, input: Input<"PurgeQueue">): object {
  context.queue(input.QueueUrl, "PurgeQueue").purge();
  return {};
}

function queueUrl(queue: Queue, context: SqsContext): string {
  return `${context.baseUrl()}/${queue.settings.account}/${queue.settings.name}`;
}
