import type { Permission } from "@tallyman/aws/permission";

export const permissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], on: "table" },
  { actions: ["sts:AssumeRole"], on: "role/reader" },
  { actions: ["sqs:SendMessage"], on: "queue/notice" },
];
