import type { Permission } from "../permission.ts";

// SQS moves messages with the caller's rights: it receives and deletes on one side and sends on the other.
export const deadLetterQueuesPermissions: readonly Permission[] = [
  {
    actions: [
      "sqs:GetQueueAttributes",
      "sqs:ListMessageMoveTasks",
      "sqs:StartMessageMoveTask",
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
    ],
    on: "queues/dead-letter",
  },
  { actions: ["sqs:SendMessage"], on: "queues/redrive-source" },
];
