import middy from "@middy/core";
import { Notice } from "@tallyman/domain/notice/notice";
import type { Redelivery } from "@tallyman/domain/notice/redelivery";
import { registryName } from "@tallyman/domain/registry/registry";
import { parseMessage } from "@tallyman/observability/message";
import type { Metadata, Telemetry } from "@tallyman/observability/telemetry";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type DeliverDeps, deliver } from "./deliver.ts";
import { channelPace } from "./pace.ts";
import { concernsOnlyThisMessage, redeliverySeconds } from "./redelivery.ts";

export type NotifyDeps = Omit<DeliverDeps, "pace" | "unmarked"> & {
  readonly redelivery: Redelivery;
  readonly telemetry: Telemetry;
};

/**
 * Tells Slack. A FIFO group is a channel: in order, one message a second. The standard queue handler is not used: here a
 * failed message chooses when it comes back, and one that Slack will never take does not hold up its channel. A batch
 * that was handed back whole for such a message would carry all its followers to the dead-letter queue with it.
 */
export function createHandler(deps: NotifyDeps) {
  const run: GroupRun = { ...deps, pace: channelPace(deps), unmarked: new Set() };
  const handler = middy(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const groups = Map.groupBy(event.Records, (it) => it.attributes.MessageGroupId ?? it.messageId);
    const failed = await Promise.all([...groups.values()].map((group) => deliverGroup(run, group, context)));
    return { batchItemFailures: failed.flat().map((record) => ({ itemIdentifier: record.messageId })) };
  });
  for (const layer of deps.telemetry.middleware) handler.use(layer);
  return handler;
}

type GroupRun = NotifyDeps & DeliverDeps;

/** One channel's messages in order; returns those that failed or were not reached. */
async function deliverGroup(
  run: GroupRun,
  group: readonly SQSRecord[],
  context: Context,
): Promise<SQSRecord[]> {
  const failed: SQSRecord[] = [];
  for (const [index, record] of group.entries()) {
    try {
      await deliverRecord(run, record, context);
    } catch (error) {
      const stop = !concernsOnlyThisMessage(error);
      const back = stop ? group.slice(index) : [record];
      logFailure(run, record, error, back.length - 1);
      failed.push(...back);
      await handBack(run, back, redeliverySeconds(error, receiveCount(record)));
      if (stop) break;
    }
  }
  return failed;
}

async function deliverRecord(run: GroupRun, record: SQSRecord, context: Context): Promise<void> {
  const notice = parseMessage(Notice, record);
  const delivery = await deliver(run, notice, () => context.getRemainingTimeInMillis());
  const { log } = run.telemetry;
  if (delivery === "posted") log.info("notice posted", about(notice));
  else log.debug("notice not posted", { ...about(notice), delivery });
}

function about({ kind, channel, key, title, violation }: Notice): Metadata {
  if (violation === undefined) return { kind, channel, title, key };
  const { repository, tag } = violation;
  return { kind, channel, registry: registryName(violation), repository, tag, key };
}

/** All at the same time: a group is locked until the last of its messages is visible again. */
async function handBack(run: GroupRun, records: readonly SQSRecord[], seconds: number): Promise<void> {
  for (const { receiptHandle, messageId } of records) {
    try {
      await run.redelivery.after(receiptHandle, seconds);
    } catch (error) {
      // It comes back all the same, after the queue's own visibility timeout.
      run.telemetry.log.warn("redelivery time not set", { messageId, seconds, error });
    }
  }
}

function logFailure(run: GroupRun, record: SQSRecord, error: unknown, unreached: number): void {
  const { messageId } = record;
  run.telemetry.log.error("notice failed", {
    messageId,
    receiveCount: receiveCount(record),
    unreached,
    error,
  });
}

function receiveCount(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}
