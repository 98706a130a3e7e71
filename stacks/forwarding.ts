import { ENABLED_WITH_READS, type ForwardingRule } from "@tallyman/domain/registry/forwarding-rules";
import { notEmpty } from "./alarms.ts";
import type { Deployment } from "./deployment.ts";
import { busArnOf } from "./names.ts";
import { allowRuleToSend, createDeadLetters } from "./queues.ts";

type Forwarding = ForwardingRule & {
  readonly logicalName: string;
  readonly source: "aws.ecr" | "aws.ecs";
  readonly detail?: object;
  readonly types: readonly string[];
};

/** What the hub hears of. The names are fixed, so that it can be looked whether the rules stand. */
const FORWARDED: readonly Forwarding[] = [
  {
    logicalName: "Forward",
    name: "tallyman-forward",
    state: "ENABLED",
    source: "aws.ecr",
    types: [
      "ECR Image Action",
      "ECR Referrer Action",
      "ECR Replication Action",
      "ECR Pull Through Cache Action",
    ],
  },
  // Calls that change which images are there; a refused one changed nothing. Reads are not among them: pulls would be.
  {
    logicalName: "ForwardCalls",
    name: "tallyman-forward-calls",
    state: "ENABLED",
    source: "aws.ecr",
    types: ["AWS API Call via CloudTrail"],
    detail: {
      eventSource: ["ecr.amazonaws.com"],
      eventName: [
        "PutImage",
        "BatchDeleteImage",
        "UpdateImageStorageClass",
        "CreateRepository",
        "DeleteRepository",
      ],
      errorCode: [{ exists: false }],
    },
  },
  // A lifecycle policy's run, the end of a restore: CloudTrail marks the records of both `readOnly`.
  {
    logicalName: "ForwardServiceEvents",
    name: "tallyman-forward-service-events",
    state: ENABLED_WITH_READS,
    source: "aws.ecr",
    types: ["AWS Service Event via CloudTrail"],
    detail: {
      eventSource: ["ecr.amazonaws.com"],
      eventName: ["PolicyExecutionEvent", "ImageActivationEvent"],
    },
  },
  // What runs and what stopped: the states between are not evidence.
  {
    logicalName: "ForwardUsage",
    name: "tallyman-forward-usage",
    state: "ENABLED",
    source: "aws.ecs",
    types: ["ECS Task State Change"],
    detail: { lastStatus: ["RUNNING", "STOPPED"] },
  },
];

/** ECR, CloudTrail and ECS publish on the account's default bus; a target on another bus is reached with a role. */
export function forwardEvents({ hub }: Deployment): void {
  const bus = sst.aws.Bus.get("Default", "default");
  const hubBusArn = busArnOf(hub);
  const deadLetters = createDeadLetters("ForwardDeadLetters");
  notEmpty("ForwardDeadLetters", deadLetters, []);
  const rules = FORWARDED.map((forwarding) => ({ forwarding, rule: forwardingRule(bus, forwarding) }));
  const ruleArns = rules.map(({ rule }) => rule.arn);
  const policy = allowRuleToSend("ForwardDeadLetters", deadLetters.arn, ruleArns);
  const role = forwardRole(hubBusArn);
  for (const { forwarding, rule } of rules) {
    new aws.cloudwatch.EventTarget(
      forwarding.logicalName,
      {
        eventBusName: bus.name,
        rule: rule.name,
        arn: hubBusArn,
        roleArn: role.arn,
        retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
        deadLetterConfig: { arn: deadLetters.arn },
      },
      { dependsOn: [policy] },
    );
  }
}

function forwardingRule(bus: sst.aws.Bus, { logicalName, name, state, ...rest }: Forwarding) {
  const { source, types, detail } = rest;
  return new aws.cloudwatch.EventRule(logicalName, {
    name,
    eventBusName: bus.name,
    eventPattern: JSON.stringify({ source: [source], "detail-type": types, ...(detail && { detail }) }),
    ...(state === ENABLED_WITH_READS && { state }),
  });
}

function forwardRole(hubBusArn: string): aws.iam.Role {
  const trust = { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sts:AssumeRole" };
  const put = { Effect: "Allow", Action: "events:PutEvents", Resource: hubBusArn };
  return new aws.iam.Role("ForwardRole", {
    assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    inlinePolicies: [{ name: "inline", policy: JSON.stringify({ Version: "2012-10-17", Statement: [put] }) }],
  });
}
