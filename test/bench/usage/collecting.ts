import { randomUUID } from "node:crypto";
import { dynamoSourceStateStore } from "@tallyman/aws/dynamodb/source-state-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import type { ErasableBucket } from "@tallyman/aws/s3/bucket";
import { s3CollectionStore } from "@tallyman/aws/s3/collection-store";
import { s3SnapshotStore } from "@tallyman/aws/s3/snapshot-store";
import { openUsageCollectors } from "@tallyman/aws/usage/open-usage-collectors";
import { Policy } from "@tallyman/domain/policy/policy";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { Snapshot } from "@tallyman/domain/usage/evidence";
import type { UsageCollector, UsageJob } from "@tallyman/domain/usage/ports";
import type { Context, SQSEvent } from "aws-lambda";
import { createHandler } from "../../../functions/collect-usage/handler.ts";
import type { DiskTable } from "../scale/disk-table.ts";

export type CollectingWorld = {
  readonly registries: readonly Registry[];
  readonly table: Pick<DiskTable, "client">;
  readonly bucket: ErasableBucket;
  /** After so many pages of a message its time is up. */
  readonly pagesOfMessage: number;
  readonly beforePage?: () => void;
};

/** The function `collect-usage` with its own adapters, over an AWS that `AWS_ENDPOINT_URL` names. */
export type Collecting = {
  /** One message through the function's handler; throws what it failed of. Returns how many pages it asked for. */
  handle(message: UsageJob | { readonly schedule: "usage"; readonly execution: string }): Promise<number>;
  /** What was put into the queue since it was last asked for. */
  queued(): readonly UsageJob[];
  /** The last report that was applied. */
  report(source: string, at: Registry): Promise<Snapshot | undefined>;
};

const POLICY = Policy.parse({ version: 1 });
/** What stands in the function's own clock for two thirds of its time. */
const WORK_MILLISECONDS = 600_000;

export function collecting(world: CollectingWorld): Collecting {
  const { registries, table, bucket, pagesOfMessage, beforePage = () => {} } = world;
  let queue: UsageJob[] = [];
  let pages = 0;
  const failures: unknown[] = [];
  const nothing = () => {};
  const opened = openTable("Inventory", table.client);
  const states = dynamoSourceStateStore(opened);
  const snapshots = s3SnapshotStore(bucket);
  const clients = { role: keysOf, retryMode: "adaptive" } as const;
  const counted = (collector: UsageCollector): UsageCollector => ({
    source: collector.source,
    collect(at, options, from) {
      pages += 1;
      beforePage();
      return collector.collect(at, options, from);
    },
  });
  const handler = createHandler({
    telemetry: {
      log: { debug: nothing, info: nothing, warn: nothing, error: (_, it) => failures.push(it?.["error"]) },
      measure: nothing,
      middleware: [],
    },
    policy: { currentPolicy: async () => POLICY },
    declared: { declaredRegistries: async () => registries },
    collectors: openUsageCollectors(clients).map(counted),
    consumersReader: { readPolicies: never, readPullThrough: never },
    consumers: { putConsumers: never },
    usage: dynamoUsageStore(opened),
    ...{ states, snapshots },
    collections: s3CollectionStore(bucket),
    queue: { send: async (job) => void queue.push(job) },
    notices: { send: never },
    redelivery: { after: async () => {} },
    now: () => new Date(),
    elapsed: () => (pages * WORK_MILLISECONDS) / pagesOfMessage,
  });
  return {
    async handle(message) {
      const before = pages;
      const { batchItemFailures } = await handler(eventOf(message), CONTEXT);
      if (batchItemFailures.length > 0) throw failures.at(-1);
      return pages - before;
    },
    async report(source, at) {
      const scope = registryName(at);
      const state = await states.findState(source, scope);
      return state && snapshots.findSnapshot(source, scope, state.sequence);
    },
    queued() {
      const sent = queue;
      queue = [];
      return sent;
    },
  };
}

function never(): never {
  throw new Error("nothing here reads who may pull");
}

function keysOf(account: string) {
  const expiration = new Date(Date.now() + 3_600_000);
  const keys = { accessKeyId: account, secretAccessKey: "bench", sessionToken: "bench", expiration };
  return async () => keys;
}

const CONTEXT = { awsRequestId: "bench", getRemainingTimeInMillis: () => 900_000 } as Context;

function eventOf(message: object): SQSEvent {
  const messageId = randomUUID();
  const attributes = {
    ...{ ApproximateReceiveCount: "1", SentTimestamp: "0", SenderId: "", MessageGroupId: "group" },
    ApproximateFirstReceiveTimestamp: "0",
  };
  const record = {
    ...{ messageId, receiptHandle: messageId, body: JSON.stringify(message), attributes },
    ...{ messageAttributes: {}, md5OfBody: "", eventSource: "aws:sqs", awsRegion: "us-east-1" },
    eventSourceARN: "arn:aws:sqs:us-east-1:111122223333:UsageQueue.fifo",
  };
  return { Records: [record] };
}
