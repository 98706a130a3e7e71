import type { Permission } from "@tallyman/aws/permission";

export const permissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi1" },
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
  { actions: ["ssm:GetParameter"], on: "parameter/cursor-key" },
  {
    actions: [
      "sqs:GetQueueAttributes",
      "sqs:StartMessageMoveTask",
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
    ],
    on: "queues/dead-letter",
  },
  { actions: ["sqs:SendMessage"], on: "queues/redrive-source" },
];
