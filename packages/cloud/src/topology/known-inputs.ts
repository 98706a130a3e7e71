/**
 * Every resource type that this cloud knows, with every input it knows. `executed` inputs have an effect here;
 * `declared` ones are knowingly without: they configure what does not exist locally (encryption at rest, tags, log
 * retention, alarm delivery) or hold here anyway. Anything else stops the start: silently ignoring an input would make
 * local behaviour differ from AWS.
 */
type KnownType = { readonly executed: readonly string[]; readonly declared?: readonly string[] };

export const knownTypes: Readonly<Record<string, KnownType>> = {
  "aws:sqs/queue:Queue": {
    executed: [
      "name",
      "fifoQueue",
      "contentBasedDeduplication",
      "deduplicationScope",
      "visibilityTimeoutSeconds",
      "delaySeconds",
      "messageRetentionSeconds",
      "receiveWaitTimeSeconds",
      "maxMessageSize",
      "redrivePolicy",
    ],
    // Quotas of calls per second do not exist here.
    declared: ["tags", "sqsManagedSseEnabled", "fifoThroughputLimit"],
  },
  "aws:sqs/queuePolicy:QueuePolicy": { executed: ["queueUrl", "policy"] },
  "aws:cloudwatch/eventBus:EventBus": { executed: ["name"], declared: ["tags", "description"] },
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": { executed: ["eventBusName", "policy"] },
  "aws:cloudwatch/eventRule:EventRule": {
    executed: ["name", "eventBusName", "eventPattern", "state"],
    declared: ["tags", "description", "forceDestroy"],
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    executed: [
      "rule",
      "arn",
      "targetId",
      "eventBusName",
      "roleArn",
      "deadLetterConfig",
      "retryPolicy",
      "sqsTarget",
    ],
    declared: ["forceDestroy"],
  },
  "aws:scheduler/schedule:Schedule": {
    executed: [
      "name",
      "scheduleExpression",
      "scheduleExpressionTimezone",
      "flexibleTimeWindow",
      "state",
      "target",
    ],
    declared: ["description", "groupName"],
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    executed: [
      "eventSourceArn",
      "functionName",
      "batchSize",
      "maximumBatchingWindowInSeconds",
      "functionResponseTypes",
      "scalingConfig",
      "enabled",
    ],
    declared: ["tags"],
  },
  "aws:lambda/function:Function": {
    executed: [
      "name",
      "bundle",
      "handler",
      "role",
      "timeout",
      "memorySize",
      "environment",
      "loggingConfig",
      "reservedConcurrentExecutions",
    ],
    // Workers run the host's architecture and the repository's Node, which is the Lambda runtime's version.
    declared: [
      "architectures",
      "runtime",
      "packageType",
      "description",
      "tags",
      "publish",
      "layers",
      "ephemeralStorage",
    ],
  },
  "aws:lambda/permission:Permission": {
    executed: ["action", "function", "principal", "sourceArn"],
    declared: ["statementId", "sourceAccount"],
  },
  "aws:iam/role:Role": {
    executed: [
      "name",
      "path",
      "assumeRolePolicy",
      "inlinePolicies",
      "managedPolicyArns",
      "maxSessionDuration",
      "tags",
    ],
    declared: ["description", "forceDetachPolicies"],
  },
  "aws:iam/rolePolicy:RolePolicy": { executed: ["name", "role", "policy"] },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { executed: ["role", "policyArn"] },
  "aws:dynamodb/table:Table": {
    executed: [
      "name",
      "attributes",
      "hashKey",
      "rangeKey",
      "globalSecondaryIndexes",
      "localSecondaryIndexes",
      "ttl",
      "billingMode",
      "deletionProtectionEnabled",
    ],
    declared: ["pointInTimeRecovery", "tags"],
  },
  "aws:s3/bucket:Bucket": { executed: ["bucket"], declared: ["forceDestroy", "tags"] },
  "aws:s3/bucketObjectv2:BucketObjectv2": { executed: ["bucket", "key", "contentType", "source", "content"] },
  "aws:s3/bucketPolicy:BucketPolicy": { executed: ["bucket", "policy"] },
  // No versions are kept here that could expire.
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    executed: ["bucket"],
    declared: ["rules"],
  },
  "aws:s3/bucketVersioning:BucketVersioning": { executed: ["bucket"], declared: ["versioningConfiguration"] },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    executed: ["bucket"],
    declared: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    executed: ["bucket"],
    declared: ["rules"],
  },
  "aws:apigatewayv2/api:Api": {
    executed: ["name", "protocolType"],
    declared: ["corsConfiguration", "tags", "description"],
  },
  "aws:apigatewayv2/integration:Integration": {
    executed: ["apiId", "integrationType", "integrationUri", "payloadFormatVersion", "timeoutMilliseconds"],
  },
  "aws:apigatewayv2/route:Route": { executed: ["apiId", "routeKey", "target", "authorizationType"] },
  "aws:apigatewayv2/stage:Stage": {
    executed: ["apiId", "name"],
    declared: ["autoDeploy", "accessLogSettings", "tags"],
  },
  "aws:ssm/parameter:Parameter": {
    executed: ["name", "type", "value"],
    declared: ["tags", "description", "tier"],
  },
  "aws:ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion": { executed: ["principalArn"] },
  "aws:cloudwatch/logGroup:LogGroup": { executed: [], declared: ["name", "retentionInDays", "tags"] },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    executed: [],
    declared: ["name", "logGroupName", "pattern", "metricTransformation"],
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    executed: [],
    declared: [
      "name",
      "alarmActions",
      "alarmDescription",
      "okActions",
      "comparisonOperator",
      "dimensions",
      "evaluationPeriods",
      "datapointsToAlarm",
      "metricName",
      "namespace",
      "period",
      "statistic",
      "threshold",
      "treatMissingData",
      "tags",
    ],
  },
};
