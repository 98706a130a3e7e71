import type { Permission } from "@tallyman/aws/permission";

export const permissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
  { actions: ["sqs:SendMessage"], on: "queue/replica-check" },
];
