import type { Permission } from "../permission.ts";

export const redeliveryPermissions: readonly Permission[] = [
  { actions: ["sqs:ChangeMessageVisibility"], on: "queue/notice" },
];
