import { Snapshot } from "../topology/snapshot.ts";

/**
 * Two small stacks of their own making: a member forwards `demo.app` events from its default bus to the hub's bus, a
 * rule there puts them into a queue, a schedule feeds a FIFO queue. Tests change one thing and see what follows.
 */
export function smallStacks(): { hub: Snapshot; member: Snapshot } {
  return structuredClone({ hub: Snapshot.parse(hub), member: Snapshot.parse(member) });
}

const busArn = "arn:aws:events:${HubRegion}:${HubAccount}:event-bus/central";
const queueArn = (name: string) => `arn:aws:sqs:\${Region}:\${Account}:${name}`;
const queueUrl = (name: string) => `https://sqs.\${Region}.amazonaws.com/\${Account}/${name}`;
const policy = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const trust = (Service: string) =>
  policy({ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" });
const inline = (...statements: object[]) => [{ name: "inline", policy: policy(...statements) }];

const fromRule = (name: string, rule: string) => ({
  queueUrl: queueUrl(name),
  policy: policy({
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn(name),
    Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:events:\${Region}:\${Account}:rule/${rule}` } },
  }),
});

const hub = {
  stack: "hub",
  resources: {
    "aws:cloudwatch/eventBus:EventBus": { Central: { name: "central" } },
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": {
      Central: {
        eventBusName: "central",
        policy: policy({
          Effect: "Allow",
          Principal: { AWS: ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"] },
          Action: "events:PutEvents",
          Resource: "arn:aws:events:${Region}:${Account}:event-bus/central",
        }),
      },
    },
    "aws:cloudwatch/eventRule:EventRule": {
      Work: { name: "Work", eventBusName: "central", eventPattern: { source: ["demo.app"] } },
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
      Work: {
        rule: "Work",
        eventBusName: "central",
        arn: queueArn("Work"),
        deadLetterConfig: { arn: queueArn("Undelivered") },
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 },
      },
    },
    "aws:sqs/queue:Queue": {
      Work: { name: "Work", visibilityTimeoutSeconds: 60 },
      Undelivered: { name: "Undelivered" },
      Order: { name: "Order.fifo", fifoQueue: true, contentBasedDeduplication: true },
    },
    "aws:sqs/queuePolicy:QueuePolicy": {
      Work: fromRule("Work", "central/Work"),
      Undelivered: fromRule("Undelivered", "central/Work"),
    },
    "aws:iam/role:Role": {
      Timer: {
        name: "timer",
        assumeRolePolicy: trust("scheduler.amazonaws.com"),
        inlinePolicies: inline({
          Effect: "Allow",
          Action: "sqs:SendMessage",
          Resource: [queueArn("Order.fifo"), queueArn("Undelivered")],
        }),
      },
    },
    "aws:scheduler/schedule:Schedule": {
      Tick: {
        name: "tick",
        scheduleExpression: "rate(5 minutes)",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: queueArn("Order.fifo"),
          roleArn: "arn:aws:iam::${Account}:role/timer",
          input: { run: "<aws.scheduler.execution-id>", at: "<aws.scheduler.scheduled-time>" },
          sqsParameters: { messageGroupId: "ticks" },
          deadLetterConfig: { arn: queueArn("Undelivered") },
        },
      },
    },
  },
};

const member = {
  stack: "member",
  resources: {
    "aws:cloudwatch/eventRule:EventRule": {
      Relay: { name: "Relay", eventBusName: "default", eventPattern: { source: ["demo.app"] } },
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
      Relay: {
        rule: "Relay",
        arn: busArn,
        roleArn: "arn:aws:iam::${Account}:role/forward",
        deadLetterConfig: { arn: queueArn("RelayUndelivered") },
      },
    },
    "aws:sqs/queue:Queue": { RelayUndelivered: { name: "RelayUndelivered" } },
    "aws:sqs/queuePolicy:QueuePolicy": { RelayUndelivered: fromRule("RelayUndelivered", "Relay") },
    "aws:iam/role:Role": {
      Relay: {
        name: "forward",
        assumeRolePolicy: trust("events.amazonaws.com"),
        inlinePolicies: inline({ Effect: "Allow", Action: "events:PutEvents", Resource: busArn }),
      },
    },
  },
};
