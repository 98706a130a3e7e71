/** One event source mapping: a queue whose messages a function gets. */
export type Mapping = {
  readonly name: string;
  readonly queueArn: string;
  readonly functionArn: string;
  readonly functionName: string;
  /** The function's role: Lambda polls with it. */
  readonly roleArn: string;
  readonly region: string;
  /** 1 to 10. */
  readonly batchSize: number;
  /** Seconds to wait for a fuller batch. */
  readonly batchingWindow: number;
  /** `ReportBatchItemFailures`: the answer names the messages that failed. */
  readonly reportsItemFailures: boolean;
  readonly maximumConcurrency: number | undefined;
};
