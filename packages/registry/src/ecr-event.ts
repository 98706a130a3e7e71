/** An event as ECR hands it to EventBridge; whoever receives it adds `version`, `id` and `source: "aws.ecr"`. */
export type EcrEvent = {
  /** Of the registry that was written; for a replication that is the destination. */
  readonly account: string;
  readonly region: string;
  /** `ECR Image Action`, `ECR Referrer Action`, `ECR Replication Action`, `AWS API Call via CloudTrail`, `AWS Service Event via CloudTrail` */
  readonly detailType: string;
  readonly time: Date;
  /** ARNs; empty for image and referrer actions, as on AWS. */
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** A management event that only reads: it reaches only rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS. */
  readonly readOnly?: boolean;
};
