/** One queue as deployed. Times in seconds, sizes in bytes. */
export type QueueSettings = {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly fifo: boolean;
  /** FIFO: whether a deduplication id is one of the whole queue or of each message group. */
  readonly deduplicationScope: "queue" | "messageGroup";
  readonly contentBasedDeduplication: boolean;
  readonly visibilityTimeout: number;
  readonly delay: number;
  readonly retention: number;
  readonly receiveWait: number;
  readonly maximumMessageSize: number;
  readonly redrive?: { readonly deadLetterTarget: string; readonly maxReceiveCount: number } | undefined;
};

/** SQS's own defaults (CreateQueue). */
export const queueDefaults = {
  fifo: false,
  deduplicationScope: "queue",
  contentBasedDeduplication: false,
  visibilityTimeout: 30,
  delay: 0,
  retention: 345_600,
  receiveWait: 0,
  maximumMessageSize: 262_144,
} as const;
