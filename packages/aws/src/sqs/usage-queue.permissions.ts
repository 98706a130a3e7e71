import type { Permission } from "../permission.ts";

export const usageQueuePermissions: readonly Permission[] = [
  { actions: ["sqs:SendMessage"], on: "queue/usage" },
];

/** Deciding when a message that failed comes back. */
export const usageRedeliveryPermissions: readonly Permission[] = [
  { actions: ["sqs:ChangeMessageVisibility"], on: "queue/usage" },
];
