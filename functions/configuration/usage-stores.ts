import { dynamoSourceStateStore } from "@tallyman/aws/dynamodb/source-state-store";
import type { Table } from "@tallyman/aws/dynamodb/table";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import type { Bucket } from "@tallyman/aws/s3/bucket";
import { s3ConsumersStore } from "@tallyman/aws/s3/consumers-store";
import { s3SnapshotStore } from "@tallyman/aws/s3/snapshot-store";
import { lateUsageQueue } from "@tallyman/aws/sqs/late-usage-queue";
import type { UsageStores } from "../api/deps.ts";

export type UsagePlaces = { readonly table: Table; readonly bucket: Bucket; readonly queueUrl: string };

export function usageStores({ table, bucket, queueUrl }: UsagePlaces): UsageStores {
  return {
    usage: dynamoUsageStore(table),
    states: dynamoSourceStateStore(table),
    snapshots: s3SnapshotStore(bucket),
    consumers: s3ConsumersStore(bucket),
    queue: lateUsageQueue(queueUrl),
  };
}
