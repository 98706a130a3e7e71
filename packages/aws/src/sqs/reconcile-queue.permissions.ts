import type { Permission } from "../permission.ts";

export const reconcileQueuePermissions: readonly Permission[] = [
  { actions: ["sqs:SendMessage"], on: "queue/reconcile" },
];
