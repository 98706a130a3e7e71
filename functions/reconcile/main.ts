import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoBrakeStore } from "@tallyman/aws/dynamodb/brake-store";
import { dynamoRegistryRecords } from "@tallyman/aws/dynamodb/registry-records";
import { dynamoRunLog } from "@tallyman/aws/dynamodb/run-log";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { ecrClients } from "@tallyman/aws/ecr/ecr-clients";
import { ecrPullTimeExclusions } from "@tallyman/aws/ecr/pull-time-exclusions";
import { awsRegistryProbes } from "@tallyman/aws/ecr/registry-probe";
import { ecrResourceTagReader } from "@tallyman/aws/ecr/resource-tag-reader";
import { s3ListingStore } from "@tallyman/aws/s3/listing-store";
import { sqsReconcileQueue } from "@tallyman/aws/sqs/reconcile-queue";
import { sqsRedelivery } from "@tallyman/aws/sqs/redelivery";
import { assumedRole } from "@tallyman/aws/sts/role-credentials";
import { registryReading } from "../configuration/registry-reading.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const { table, bucket, clients, sts, ...reading } = registryReading(config, "reconcile", {
  retries: "adaptive",
});
const sqs = new SQSClient({});
const session = { externalId: config.EXTERNAL_ID, sessionName: "tallyman-reconcile" };
const roles = { readerRoleName: config.READER_ROLE_NAME, writerRoleName: config.WRITER_ROLE_NAME };
const writer = { ...session, roleName: roles.writerRoleName };

export const handler = createHandler({
  ...reading,
  summaries: dynamoSummaryStore(table),
  listings: s3ListingStore(bucket),
  registries: dynamoRegistryRecords(table),
  runs: dynamoRunLog(table),
  audit: dynamoAuditTrail(table),
  resourceTags: ecrResourceTagReader(clients),
  queue: sqsReconcileQueue(sqs, config.RECONCILE_QUEUE_URL),
  redelivery: sqsRedelivery(sqs, config.RECONCILE_QUEUE_URL),
  exclusions: ecrPullTimeExclusions({
    reader: clients,
    writer: ecrClients(assumedRole(sts, writer), "adaptive"),
    brake: dynamoBrakeStore(table),
    readerRoleName: roles.readerRoleName,
  }),
  probes: awsRegistryProbes(sts, { ...session, ...roles }),
  hub: { ...roles, busArn: config.HUB_BUS_ARN },
});
