import type { Permission } from "../permission.ts";

export const reconcileQueuePermissions: readonly Permission[] = [
  { actions: ["sqs:SendMessage"], on: "queue/reconcile" },
];

/** Deciding when a message that failed comes back. */
export const reconcileRedeliveryPermissions: readonly Permission[] = [
  { actions: ["sqs:ChangeMessageVisibility"], on: "queue/reconcile" },
];
