import type { Permission } from "../permission.ts";

export const replicaCheckQueuePermissions: readonly Permission[] = [
  { actions: ["sqs:SendMessage"], on: "queue/replica-check" },
];
