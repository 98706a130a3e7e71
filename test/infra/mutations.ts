import type { CHECKS } from "./checks/all.ts";

const QUEUE = "aws:sqs/queue:Queue";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const ROLE = "aws:iam/role:Role";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const FUNCTION = "aws:lambda/function:Function";

/** A key, an index, or in a list of statements the one that names an action. */
export type Step = string | number | { readonly action: string };

/** Where in which snapshot, and what stands there afterwards; `undefined` removes it. */
export type Mutation = readonly [stack: "hub" | "member", path: readonly Step[], value: unknown];

const inline = (role: string, action: string, key: string) =>
  [ROLE, role, "inlinePolicies", 0, "policy", "Statement", { action }, key] as const;
const trust = (role: string, key: string) => [ROLE, role, "assumeRolePolicy", "Statement", 0, key] as const;

/** What each check must report: the check, the mistake, and the change to the snapshots that makes it. */
export const MUTATIONS: readonly (readonly [keyof typeof CHECKS, string, ...Mutation])[] = [
  [
    "actionsExist",
    "a misspelled action",
    "hub",
    inline("DueRole", "sqs:SendMessage", "Action"),
    "dynamodb:GetItems",
  ],
  [
    "actionsExist",
    "an unknown service",
    "member",
    inline("Reader", "ecr:DescribeImages", "Action"),
    "ecrr:ListImages",
  ],
  [
    "grantsAreNarrow",
    "every action of a service",
    "hub",
    inline("DueRole", "sqs:SendMessage", "Action"),
    "dynamodb:*",
  ],
  [
    "grantsAreNarrow",
    "half a wildcard",
    "hub",
    inline("DueRole", "sqs:SendMessage", "Action"),
    "dynamodb:Get*",
  ],
  ["grantsAreNarrow", "every resource", "hub", inline("DueRole", "sqs:SendMessage", "Resource"), "*"],
  [
    "grantsAreNarrow",
    "every repository of every account",
    "member",
    inline("Reader", "ecr:DescribeImages", "Resource"),
    ["*"],
  ],
  [
    "resourcePoliciesAreConditioned",
    "a queue that any rule may send to",
    "hub",
    ["aws:sqs/queuePolicy:QueuePolicy", "ImageActionQueue", "policy", "Statement", 0, "Condition"],
    undefined,
  ],
  [
    "resourcePoliciesAreConditioned",
    "a bus that anyone may put on",
    "hub",
    ["aws:cloudwatch/eventBusPolicy:EventBusPolicy", "Bus", "policy", "Statement", 0, "Principal"],
    "*",
  ],
  [
    "rolesTrustOnlyTheirOwn",
    "the account root beside Lambda",
    "hub",
    trust("DueRole", "Principal"),
    { Service: "lambda.amazonaws.com", AWS: "arn:aws:iam::${Account}:root" },
  ],
  [
    "rolesTrustOnlyTheirOwn",
    "the hub's root in a member",
    "member",
    trust("Reader", "Principal"),
    { AWS: "arn:aws:iam::${HubAccount}:root" },
  ],
  ["rolesTrustOnlyTheirOwn", "no external id", "member", trust("Writer", "Condition"), undefined],
  [
    "onlyActingFunctionsWrite",
    "a reader that may write",
    "hub",
    inline("ReplicaCheckRole", "sts:AssumeRole", "Resource"),
    "arn:aws:iam::${Account}:role/tallyman-writer",
  ],
  [
    "onlyActingFunctionsWrite",
    "a writer that trusts a reader",
    "member",
    trust("Writer", "Principal"),
    { AWS: "arn:aws:iam::${HubAccount}:role/tallyman-due" },
  ],
  [
    "trustMatchesGrants",
    "a function that reads and is not trusted",
    "member",
    trust("Reader", "Principal"),
    { AWS: "arn:aws:iam::${HubAccount}:role/tallyman-image-action" },
  ],
  [
    "nothingInvokesLambda",
    "a rule that targets a Lambda",
    "hub",
    [TARGET, "ImageAction", "arn"],
    "arn:aws:lambda:${Region}:${Account}:function:ImageAction",
  ],
  [
    "nothingInvokesLambda",
    "a schedule that targets a Lambda",
    "hub",
    [SCHEDULE, "Due", "target", "arn"],
    "arn:aws:lambda:${Region}:${Account}:function:Due",
  ],
  [
    "everyTargetRetriesAndKeeps",
    "a target without",
    "hub",
    [TARGET, "ImageAction", "deadLetterConfig"],
    undefined,
  ],
  [
    "everyTargetRetriesAndKeeps",
    "forwarding without",
    "member",
    [TARGET, "Forward", "deadLetterConfig"],
    undefined,
  ],
  [
    "everyTargetRetriesAndKeeps",
    "a schedule that does not retry",
    "hub",
    [SCHEDULE, "Reconcile", "target", "retryPolicy"],
    { maximumRetryAttempts: 0 },
  ],
  [
    "everyQueueHasDeadLetters",
    "a dropped redrive policy",
    "hub",
    [QUEUE, "NoticeQueue", "redrivePolicy"],
    undefined,
  ],
  ["everyDeadLetterQueueHasAnAlarm", "a dropped alarm", "hub", [ALARM, "DueDeadLetters"], undefined],
  ["everyDeadLetterQueueHasAnAlarm", "a member's", "member", [ALARM, "ForwardDeadLetters"], undefined],
  ["everyConsumedQueueHasAnAgeAlarm", "a dropped alarm", "hub", [ALARM, "DueOldest"], undefined],
  ["visibilityCoversRetries", "a short timeout", "hub", [QUEUE, "DueQueue", "visibilityTimeoutSeconds"], 359],
  ["visibilityCoversRetries", "a slower function", "hub", [FUNCTION, "ReplicaCheck", "timeout"], 61],
  [
    "mappingsAreCareful",
    "whole batches",
    "hub",
    [MAPPING, "ImageActionQueueSubscriber", "functionResponseTypes"],
    undefined,
  ],
  ["mappingsAreCareful", "large batches", "hub", [MAPPING, "ImageActionQueueSubscriber", "batchSize"], 11],
  ["mappingsAreCareful", "no bound", "hub", [MAPPING, "DueQueueSubscriber", "scalingConfig"], undefined],
  [
    "tablesAreProtected",
    "no recovery",
    "hub",
    ["aws:dynamodb/table:Table", "Inventory", "pointInTimeRecovery", "enabled"],
    false,
  ],
  [
    "tablesAreProtected",
    "no deletion protection",
    "hub",
    ["aws:dynamodb/table:Table", "Inventory", "deletionProtectionEnabled"],
    undefined,
  ],
  ["tablesAreProtected", "no expiry", "hub", ["aws:dynamodb/table:Table", "Inventory", "ttl"], undefined],
  [
    "bucketsAreClosed",
    "public policies",
    "hub",
    [
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      "ArchivePublicAccessBlock",
      "blockPublicPolicy",
    ],
    false,
  ],
  [
    "bucketsAreClosed",
    "no versions",
    "hub",
    ["aws:s3/bucketVersioning:BucketVersioning", "ArchiveVersioning"],
    undefined,
  ],
  [
    "bucketsAreClosed",
    "no encryption",
    "hub",
    [
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "ArchiveEncryption",
    ],
    undefined,
  ],
  ["bucketsAreClosed", "plain HTTP", "hub", ["aws:s3/bucketPolicy:BucketPolicy", "ArchivePolicy"], undefined],
  [
    "bucketsAreClosed",
    "a deployment that empties",
    "hub",
    ["aws:s3/bucket:Bucket", "Archive", "forceDestroy"],
    true,
  ],
  ["functionsAreUniform", "another runtime", "hub", [FUNCTION, "Api", "runtime"], "nodejs20.x"],
  ["functionsAreUniform", "another architecture", "hub", [FUNCTION, "Api", "architectures"], ["x86_64"]],
  ["functionsAreUniform", "text logs", "hub", [FUNCTION, "Api", "loggingConfig", "logFormat"], "Text"],
  [
    "functionsAreUniform",
    "no log group",
    "hub",
    ["aws:cloudwatch/logGroup:LogGroup", "ApiLogGroup"],
    undefined,
  ],
  [
    "logsAreForgotten",
    "for ever",
    "hub",
    ["aws:cloudwatch/logGroup:LogGroup", "AdminAccessLog", "retentionInDays"],
    0,
  ],
  [
    "everyRouteIsAuthorised",
    "a public route",
    "hub",
    ["aws:apigatewayv2/route:Route", "AdminRouteApiRoute", "authorizationType"],
    "NONE",
  ],
  [
    "invokersAreNamed",
    "any API",
    "hub",
    ["aws:lambda/permission:Permission", "AdminRouteApiPermissions", "sourceArn"],
    undefined,
  ],
  ["ownAlarmsStand", "reconcile unwatched", "hub", [ALARM, "ReconcileMissing"], undefined],
  ["ownAlarmsStand", "stale registries unwatched", "hub", [ALARM, "RegistryStale"], undefined],
  ["ownAlarmsStand", "doubts about use unwatched", "hub", [ALARM, "UsageInDoubt"], undefined],
  [
    "ownAlarmsStand",
    "silence read as health",
    "hub",
    [ALARM, "ReconcileMissing", "treatMissingData"],
    "missing",
  ],
  [
    "ownAlarmsStand",
    "another service's metric",
    "hub",
    [ALARM, "BrakeOn", "dimensions"],
    { service: "drain" },
  ],
  ["ownAlarmsStand", "brake unwatched", "hub", [ALARM, "BrakeOn"], undefined],
];
