import { randomUUID } from "node:crypto";
import type { ECRClient } from "@aws-sdk/client-ecr";
import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoRegistryRecords } from "@tallyman/aws/dynamodb/registry-records";
import { dynamoReplicaStore } from "@tallyman/aws/dynamodb/replica-store";
import { dynamoRunLog } from "@tallyman/aws/dynamodb/run-log";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import { ecrManifestReader } from "@tallyman/aws/ecr/manifest-reader";
import { isPullTimeExclusion } from "@tallyman/aws/ecr/pull-time-exclusions";
import { ecrRegistryReader } from "@tallyman/aws/ecr/registry-reader";
import { ecrReplicationReader } from "@tallyman/aws/ecr/replication-reader";
import { ecrResourceTagReader } from "@tallyman/aws/ecr/resource-tag-reader";
import type { Bucket } from "@tallyman/aws/s3/bucket";
import { s3ListingStore } from "@tallyman/aws/s3/listing-store";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { sqsReconcileQueue } from "@tallyman/aws/sqs/reconcile-queue";
import { notingRepositories } from "@tallyman/domain/inventory/note-repository";
import { recount } from "@tallyman/domain/listing/recount";
import { Policy } from "@tallyman/domain/policy/policy";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Context, SQSEvent } from "aws-lambda";
import { createHandler } from "../../../functions/reconcile/handler.ts";
import type { DiskTable } from "./disk-table.ts";
import type { Meter } from "./meter.ts";
import { READER } from "./synthetic-ecr.ts";

/** One rule, which one image in a hundred breaks. */
const POLICY = Policy.parse({
  version: 1,
  tagging: {
    rules: [{ name: "no-snapshots", repositories: ["**"], deny: [{ glob: "snapshot-*" }], notify: false }],
  },
});

export type World = {
  readonly registry: Registry;
  readonly ecr: ECRClient;
  readonly table: Pick<DiskTable, "client">;
  readonly bucket: Bucket;
  readonly meter: Meter;
  /** The principal whose reads count as no pull. */
  readonly readerRoleName?: string;
};

/** The function `reconcile` and the count of `recount`, with their own adapters, over a world that only counts. */
export type Reconciling = {
  /** One message through the function's handler; throws what it failed of. */
  handle(message: ReconcileJob): Promise<void>;
  /** What was put into the queue since it was last asked for. */
  queued(): readonly ReconcileJob[];
  recount(repository: RepositoryRef): Promise<void>;
};

export function reconciling(world: World): Reconciling {
  const { registry, ecr, bucket, meter, readerRoleName = READER } = world;
  const clients = () => ecr;
  const table = openTable("Inventory", world.table.client);
  const summaries = dynamoSummaryStore(table);
  const queue: ReconcileJob[] = [];
  const failures: unknown[] = [];
  const nothing = () => {};
  const stores = {
    images: dynamoImageStore(table),
    tags: dynamoTagStore(table),
    manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
    violations: dynamoViolationStore(table),
    summaries,
    listings: s3ListingStore(bucket),
  };
  const handler = createHandler({
    ...stores,
    replicas: dynamoReplicaStore(table),
    registries: dynamoRegistryRecords(table),
    runs: dynamoRunLog(table),
    audit: dynamoAuditTrail(table),
    registry: ecrRegistryReader(clients),
    manifestReader: ecrManifestReader(clients, readerRoleName),
    replication: ecrReplicationReader(clients),
    resourceTags: ecrResourceTagReader(clients),
    exclusions: {
      isRegistered: (it) => isPullTimeExclusion(clients, it, readerRoleName),
      register: () => never("registers an exclusion"),
    },
    noteRepository: notingRepositories(summaries),
    queue: sqsReconcileQueue(queueClient(queue, meter), "ReconcileQueue.fifo"),
    redelivery: { after: async () => meter.add("sqs:ChangeMessageVisibility") },
    notices: { send: () => never("tells anybody") },
    policy: { currentPolicy: async () => POLICY },
    declared: { declaredRegistries: async () => [registry] },
    probes: { probe: () => never("checks a registry") },
    hub: { busArn: "", readerRoleName, writerRoleName: "tallyman-writer" },
    telemetry: {
      log: { debug: nothing, info: nothing, warn: nothing, error: (_, it) => failures.push(it?.["error"]) },
      measure: nothing,
      middleware: [],
    },
    now: () => new Date(),
  });
  return {
    async handle(message) {
      meter.add("lambda:invocations");
      const { batchItemFailures } = await handler(eventOf(message), CONTEXT);
      if (batchItemFailures.length > 0) throw failures.at(-1);
    },
    queued: () => queue.splice(0),
    async recount(repository) {
      await recount(stores, { repository, now: new Date() });
    },
  };
}

function never(what: string): never {
  throw new Error(`nothing here ${what}`);
}

function queueClient(queue: ReconcileJob[], meter: Meter): SQSClient {
  const send = async (command: unknown) => {
    if (!(command instanceof SendMessageBatchCommand)) throw new Error("no such operation here");
    const entries = command.input.Entries ?? [];
    meter.add("sqs:SendMessageBatch");
    for (const { MessageBody = "" } of entries) queue.push(JSON.parse(MessageBody) as ReconcileJob);
    return {};
  };
  return { send } as unknown as SQSClient;
}

const CONTEXT = { awsRequestId: "bench", getRemainingTimeInMillis: () => 900_000 } as Context;

function eventOf(message: ReconcileJob): SQSEvent {
  const attributes = {
    ApproximateReceiveCount: "1",
    SentTimestamp: "0",
    SenderId: "",
    ApproximateFirstReceiveTimestamp: "0",
  };
  const messageId = randomUUID();
  const record = {
    messageId,
    receiptHandle: messageId,
    body: JSON.stringify(message),
    attributes: { ...attributes, MessageGroupId: "group" },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:111122223333:ReconcileQueue.fifo",
    awsRegion: "us-east-1",
  };
  return { Records: [record] };
}
