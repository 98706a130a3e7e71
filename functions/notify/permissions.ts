import type { Permission } from "@tallyman/aws/permission";

export const permissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"], on: "table" },
  { actions: ["ssm:GetParameter"], on: "parameter/slack-token" },
];
