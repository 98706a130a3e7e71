import { setTimeout as wait } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { dynamoNoticeLog } from "@tallyman/aws/dynamodb/notice-log";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import { sqsRedelivery } from "@tallyman/aws/sqs/redelivery";
import { ssmSecretParameter } from "@tallyman/aws/ssm/secret-parameter";
import { powertoolsTelemetry } from "@tallyman/observability/powertools-telemetry";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";
import { slackPoster } from "./slack-poster.ts";

const config = readConfig(process.env);
const table = openTable(config.TABLE_NAME);

export const handler = createHandler({
  telemetry: powertoolsTelemetry("notify"),
  violations: dynamoViolationStore(table),
  notices: dynamoNoticeLog(table),
  slack: slackPoster({
    apiUrl: config.SLACK_API_URL,
    tokenParameter: config.SLACK_TOKEN_PARAMETER,
    readToken: ssmSecretParameter(config.SLACK_TOKEN_PARAMETER),
  }),
  redelivery: sqsRedelivery(new SQSClient({}), config.NOTICE_QUEUE_URL),
  now: () => new Date(),
  wait: (milliseconds) => wait(milliseconds),
});
