import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoBrakeStore } from "@tallyman/aws/dynamodb/brake-store";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { ecrClients } from "@tallyman/aws/ecr/ecr-clients";
import { ecrPullTimeExclusions } from "@tallyman/aws/ecr/pull-time-exclusions";
import { sqsReconcileQueue } from "@tallyman/aws/sqs/reconcile-queue";
import { assumedRole } from "@tallyman/aws/sts/role-credentials";
import { registryReading } from "../configuration/registry-reading.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const { table, clients, sts, ...reading } = registryReading(config, "reconcile");
const roleName = config.WRITER_ROLE_NAME;
const role = { roleName, externalId: config.EXTERNAL_ID, sessionName: "tallyman-reconcile" };

export const handler = createHandler({
  ...reading,
  summaries: dynamoSummaryStore(table),
  audit: dynamoAuditTrail(table),
  queue: sqsReconcileQueue(new SQSClient({}), config.RECONCILE_QUEUE_URL),
  exclusions: ecrPullTimeExclusions({
    reader: clients,
    writer: ecrClients(assumedRole(sts, role)),
    brake: dynamoBrakeStore(table),
    readerRoleName: config.READER_ROLE_NAME,
  }),
});
