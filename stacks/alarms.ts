import type { Deployment } from "./deployment.ts";
import { METRICS_NAMESPACE } from "./names.ts";
import type { ConsumerQueues } from "./queues.ts";

const HOUR = 3600;
const DAY = 86_400;

type Metric = {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, $util.Input<string>>;
  readonly statistic: "Maximum" | "Minimum" | "Sum";
  readonly period: number;
};

/** What people are woken for: dead letters, queues that fall behind, a reconcile that does not finish, the brake. */
export function createAlarms(
  deployment: Deployment,
  consumers: readonly ConsumerQueues[],
  others: Readonly<Record<string, sst.aws.Queue>>,
): void {
  const actions = deployment.alarmTopic === undefined ? [] : [deployment.alarmTopic];
  for (const { name, queue, deadLetters } of consumers) {
    notEmpty(`${name}DeadLetters`, deadLetters, actions);
    waitingTooLong(`${name}Oldest`, queue, actions);
  }
  for (const [name, queue] of Object.entries(others)) notEmpty(name, queue, actions);
  noReconcile(actions);
  staleRegistry(actions);
  usageInDoubt(actions);
  brakeOn(actions);
}

export function notEmpty(name: string, queue: sst.aws.Queue, actions: string[]): void {
  alarm(name, actions, "Messages that nobody could process or deliver: `tallyman dlq list`", {
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    ...ofQueue(queue, "ApproximateNumberOfMessagesVisible"),
  });
}

function waitingTooLong(name: string, queue: sst.aws.Queue, actions: string[]): void {
  alarm(name, actions, "The oldest message has waited for an hour: the consumer fails or falls behind", {
    comparisonOperator: "GreaterThanThreshold",
    threshold: 3600,
    evaluationPeriods: 3,
    treatMissingData: "notBreaching",
    ...ofQueue(queue, "ApproximateAgeOfOldestMessage"),
  });
}

/** Two of the daily schedule's periods without the metric that `reconcile` emits at the end of a whole registry. */
function noReconcile(actions: string[]): void {
  alarm(
    "ReconcileMissing",
    actions,
    "No registry was reconciled as a whole for two days: the inventory may be wrong unnoticed",
    {
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: "breaching",
      ...ofFunction("reconcile", "RegistryReconciled", { statistic: "Sum", period: DAY }),
    },
  );
}

/** One broken registry among many, which the others' reconciles would hide. `reconcile` counts them once an hour. */
function staleRegistry(actions: string[]): void {
  alarm(
    "RegistryStale",
    actions,
    "A registry cannot be reconciled: `tallyman status` names it and says why",
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 3,
      treatMissingData: "missing",
      ...ofFunction("reconcile", "StaleRegistries", { statistic: "Minimum", period: HOUR }),
    },
  );
}

/** Nothing counts as unused meanwhile. `collect-usage` counts them once an hour, before it asks anew. */
function usageInDoubt(actions: string[]): void {
  alarm(
    "UsageInDoubt",
    actions,
    "It is not known what runs somewhere: `tallyman usage status` names it, says why and what ends it",
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 3,
      treatMissingData: "missing",
      ...ofFunction("collect-usage", "UsageScopesInDoubt", { statistic: "Minimum", period: HOUR }),
    },
  );
}

/** `due` runs every minute and reports the brake each time. */
function brakeOn(actions: string[]): void {
  alarm("BrakeOn", actions, "The brake is on: nothing is written to any registry until `tallyman resume`", {
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    ...ofFunction("due", "BrakeOn", { statistic: "Maximum", period: 300 }),
  });
}

function alarm(
  name: string,
  actions: string[],
  alarmDescription: string,
  args: Omit<aws.cloudwatch.MetricAlarmArgs, "alarmActions" | "alarmDescription">,
): void {
  new aws.cloudwatch.MetricAlarm(name, { ...args, alarmDescription, alarmActions: actions });
}

function ofQueue(queue: sst.aws.Queue, metricName: string): Metric {
  const dimensions = { QueueName: queue.nodes.queue.name };
  return { namespace: "AWS/SQS", metricName, dimensions, statistic: "Maximum", period: 300 };
}

/** Powertools gives every metric the dimension `service`. */
function ofFunction(service: string, metricName: string, of: Pick<Metric, "statistic" | "period">): Metric {
  return { namespace: METRICS_NAMESPACE, metricName, dimensions: { service }, ...of };
}
