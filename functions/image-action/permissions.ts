import type { Permission } from "@tallyman/aws/permission";

export const permissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi1" },
  { actions: ["s3:GetObject", "s3:PutObject"], on: "bucket/manifests" },
  { actions: ["s3:GetObject"], on: "bucket/policy" },
  { actions: ["sts:AssumeRole"], on: "role/reader" },
  { actions: ["sqs:SendMessage"], on: "queue/notice" },
];
