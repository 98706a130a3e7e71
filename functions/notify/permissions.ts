import { noticeLogPermissions } from "@tallyman/aws/dynamodb/notice-log.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { redeliveryPermissions } from "@tallyman/aws/sqs/redelivery.permissions";
import { secretParameterPermissions } from "@tallyman/aws/ssm/secret-parameter.permissions";

// Of the violations only single records are read and written: what the notice log needs of the table is enough for both.
export const permissions = mergePermissions(
  noticeLogPermissions,
  redeliveryPermissions,
  secretParameterPermissions("parameter/slack-token"),
);
