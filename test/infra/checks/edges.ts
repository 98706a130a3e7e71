import type { Snapshot } from "@tallyman/cloud/topology/snapshot";
import * as z from "zod";
import { bothOf, type Check, lastOf, ofType } from "./resources.ts";

const Target = z.object({
  arn: z.string(),
  deadLetterConfig: z.object({ arn: z.string() }).optional(),
  retryPolicy: z.object({ maximumRetryAttempts: z.number() }).optional(),
});
type Target = z.infer<typeof Target> & { readonly where: string };

/** Lambda takes an asynchronous event, retries twice and drops it: rules and schedules put into queues only. */
export const nothingInvokesLambda: Check = (snapshots) =>
  bothOf(snapshots)
    .flatMap(targetsOf)
    .filter(({ arn }) => arn.includes(":lambda:"))
    .map(({ where }) => `${where} targets a Lambda`);

export const everyTargetRetriesAndKeeps: Check = (snapshots) =>
  bothOf(snapshots).flatMap((snapshot) =>
    targetsOf(snapshot).flatMap(({ where, deadLetterConfig, retryPolicy }) => [
      ...(isQueueOf(snapshot, deadLetterConfig?.arn) ? [] : [`${where} has no dead-letter queue`]),
      ...(retryPolicy && retryPolicy.maximumRetryAttempts > 0 ? [] : [`${where} does not retry`]),
    ]),
  );

function targetsOf(snapshot: Snapshot): readonly Target[] {
  const targets = ofType(snapshot, "aws:cloudwatch/eventTarget:EventTarget").map(([name, inputs]) => ({
    where: `the target ${name}`,
    ...Target.parse(inputs),
  }));
  const schedules = ofType(snapshot, "aws:scheduler/schedule:Schedule").map(([name, { target }]) => ({
    where: `the schedule ${name}`,
    ...Target.parse(target),
  }));
  return [...targets, ...schedules];
}

function isQueueOf(snapshot: Snapshot, arn: string | undefined): boolean {
  if (!arn?.includes(":sqs:")) return false;
  return ofType(snapshot, "aws:sqs/queue:Queue").some(([, { name }]) => name === lastOf(arn));
}
