import type { Snapshot } from "@tallyman/cloud/topology/snapshot";
import * as z from "zod";
import { bothOf, type Check, lastOf, ofType } from "./resources.ts";

const Queue = z.object({
  name: z.string(),
  visibilityTimeoutSeconds: z.number(),
  redrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});
const Mapping = z.object({
  eventSourceArn: z.string(),
  functionName: z.string(),
  batchSize: z.number(),
  functionResponseTypes: z.array(z.string()).optional(),
  scalingConfig: z.object({ maximumConcurrency: z.number() }).optional(),
});
const Fn = z.object({ name: z.string(), timeout: z.number() });

const queuesOf = (snapshot: Snapshot) =>
  ofType(snapshot, "aws:sqs/queue:Queue").map(([, inputs]) => Queue.parse(inputs));
const mappingsOf = (snapshot: Snapshot) =>
  ofType(snapshot, "aws:lambda/eventSourceMapping:EventSourceMapping").map(([, inputs]) =>
    Mapping.parse(inputs),
  );

/** A queue is a dead-letter queue when a redrive policy, a target or a schedule names it as one. */
function deadLetterQueues(snapshot: Snapshot): ReadonlySet<string> {
  const text = JSON.stringify(snapshot.resources);
  const named = text.matchAll(/"(?:deadLetterTargetArn|deadLetterConfig)":(?:\{"arn":)?"([^"]+)"/g);
  return new Set([...named].map(([, arn]) => lastOf(arn ?? "")));
}

/** What is consumed moves to a dead-letter queue after five tries, and what lies there raises an alarm. */
export const everyQueueHasDeadLetters: Check = (snapshots) =>
  bothOf(snapshots).flatMap((snapshot) => {
    const deadLetters = deadLetterQueues(snapshot);
    return queuesOf(snapshot)
      .filter(({ name }) => !deadLetters.has(name))
      .filter(({ redrivePolicy }) => redrivePolicy?.maxReceiveCount !== 5)
      .map(({ name }) => `the queue ${name} has no dead-letter queue after five tries`);
  });

export const everyDeadLetterQueueHasAnAlarm: Check = (snapshots) =>
  bothOf(snapshots).flatMap((snapshot) =>
    [...deadLetterQueues(snapshot)]
      .filter((name) => !alarmedQueues(snapshot, "ApproximateNumberOfMessagesVisible").has(name))
      .map((name) => `no alarm tells of messages in ${name}`),
  );

export const everyConsumedQueueHasAnAgeAlarm: Check = ({ hub }) =>
  mappingsOf(hub)
    .map(({ eventSourceArn }) => lastOf(eventSourceArn))
    .filter((name) => !alarmedQueues(hub, "ApproximateAgeOfOldestMessage").has(name))
    .map((name) => `no alarm tells of old messages in ${name}`);

function alarmedQueues(snapshot: Snapshot, metric: string): ReadonlySet<unknown> {
  const alarms = ofType(snapshot, "aws:cloudwatch/metricAlarm:MetricAlarm").map(([, inputs]) => inputs);
  const Dimensions = z.object({ QueueName: z.string() });
  return new Set(
    alarms
      .filter(({ metricName }) => metricName === metric)
      .map(({ dimensions }) => Dimensions.parse(dimensions).QueueName),
  );
}

/** AWS: visibility timeout >= 6 x function timeout, so that a retried batch does not overlap with its first try. */
export const visibilityCoversRetries: Check = ({ hub }) =>
  mappingsOf(hub).flatMap(({ eventSourceArn, functionName }) => {
    const name = lastOf(eventSourceArn);
    const visibility = queuesOf(hub).find((queue) => queue.name === name)?.visibilityTimeoutSeconds ?? 0;
    const timeout = timeoutOf(hub, lastOf(functionName));
    return visibility >= 6 * timeout
      ? []
      : [`${name} hides messages for ${visibility} s, its function takes ${timeout} s`];
  });

function timeoutOf(hub: Snapshot, name: string): number {
  const functions = ofType(hub, "aws:lambda/function:Function").map(([, inputs]) => Fn.parse(inputs));
  const found = functions.find((fn) => fn.name === name);
  if (!found) throw new Error(`a mapping names the function ${name}, which does not exist`);
  return found.timeout;
}

/** One bad message fails alone, batches are small, and a burst is bounded. */
export const mappingsAreCareful: Check = ({ hub }) =>
  mappingsOf(hub).flatMap(({ eventSourceArn, batchSize, functionResponseTypes, scalingConfig }) => {
    const name = lastOf(eventSourceArn);
    return [
      ...(functionResponseTypes?.includes("ReportBatchItemFailures") ? [] : [`${name} fails whole batches`]),
      ...(batchSize <= 10 ? [] : [`${name} is read in batches of ${batchSize}`]),
      ...(scalingConfig ? [] : [`${name} has no maximum concurrency`]),
    ];
  });
