const MAX_RECEIVE_COUNT = 5;
/** SQS's longest: time for a person to look at a dead letter. */
const RETENTION_SECONDS = 14 * 24 * 3600;

export type Consumer = {
  /** `ImageAction`: the queues are called `ImageActionQueue` and `ImageActionDeadLetters`. */
  readonly name: string;
  readonly functionTimeoutSeconds: number;
  readonly fifo?: boolean;
  /** A schedule names no deduplication id: the queue takes it from the body. */
  readonly contentBasedDeduplication?: boolean;
  /** How long every message waits before anybody sees it. */
  readonly delaySeconds?: number;
  /**
   * Quotas and deduplication are those of each group: 300 calls a second are one queue's otherwise
   * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html).
   */
  readonly perGroup?: boolean;
};

export type ConsumerQueues = {
  readonly name: string;
  readonly queue: sst.aws.Queue;
  readonly deadLetters: sst.aws.Queue;
};

/** A consumer's queue and its dead-letter queue. */
export function createQueues(consumer: Consumer): ConsumerQueues {
  const { name, fifo = false } = consumer;
  const deadLetters = createDeadLetters(`${name}DeadLetters`, fifo);
  const queue = new sst.aws.Queue(`${name}Queue`, {
    fifo: fifo && { contentBasedDeduplication: consumer.contentBasedDeduplication ?? false },
    // AWS's advice for event source mappings: six times the function's timeout, so that a retried batch cannot overlap.
    visibilityTimeout: `${consumer.functionTimeoutSeconds * 6} seconds`,
    dlq: { queue: deadLetters.arn, retry: MAX_RECEIVE_COUNT },
    ...(consumer.delaySeconds !== undefined && { delay: `${consumer.delaySeconds} seconds` }),
    ...(consumer.perGroup && {
      transform: { queue: { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" } },
    }),
  });
  return { name, queue, deadLetters };
}

/** A queue of its own for what could not be delivered. */
export function createDeadLetters(name: string, fifo = false): sst.aws.Queue {
  return new sst.aws.Queue(name, {
    fifo,
    transform: { queue: { messageRetentionSeconds: RETENTION_SECONDS } },
  });
}

/** Lets EventBridge put messages into `queue`, for the named rule or rules alone. */
export function allowRuleToSend(
  name: string,
  queueArn: $util.Output<string>,
  ruleArn: $util.Output<string> | readonly $util.Output<string>[],
): aws.sqs.QueuePolicy {
  return new aws.sqs.QueuePolicy(name, {
    queueUrl: queueArn.apply(queueUrlOf),
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queueArn,
          Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
        },
      ],
    }),
  });
}

function queueUrlOf(arn: string): string {
  const [, , , region, account, name] = arn.split(":");
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
