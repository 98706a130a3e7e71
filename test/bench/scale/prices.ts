/**
 * USD, us-east-1, on demand, no free tier, as publicly quoted in 2026. AWS says them at
 * https://aws.amazon.com/dynamodb/pricing/on-demand/, /lambda/pricing/, /s3/pricing/, /sqs/pricing/, /eventbridge/pricing/.
 * Calls of the ECR API and of STS cost nothing.
 */
export const PRICES = {
  /**
   * A write request unit, a read request unit (a strongly consistent read; others take half of one); a GB and month, and
   * of the table without its indexes also one of backups to any point in time.
   */
  dynamodbWrite: 0.625e-6,
  dynamodbRead: 0.125e-6,
  dynamodbGbMonth: 0.25,
  dynamodbBackupGbMonth: 0.2,
  /** An invocation; a GB-second on arm64, which the stacks choose. */
  lambdaInvocation: 0.2e-6,
  lambdaGbSecond: 13.3334e-6,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  s3GbMonth: 0.023,
  sqsStandard: 0.4e-6,
  sqsFifo: 0.5e-6,
  /** An event that a registry's default bus forwards to the hub's bus. */
  forwardedEvent: 1e-6,
} as const;

/**
 * Milliseconds that a function waits for one answer. Assumed, on the high side: nothing here can measure AWS. They bear on
 * the price of Lambda alone.
 */
export const WAITS: Readonly<Record<string, number>> = {
  "dynamodb:": 6,
  "s3:": 40,
  "sqs:": 15,
  "ecr:DescribeImages": 400,
  "ecr:": 80,
};

/** Lambda gives a function one whole processor at so many MB, and less in proportion. */
export const MB_OF_ONE_PROCESSOR = 1769;
