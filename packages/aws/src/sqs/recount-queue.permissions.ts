import type { Permission } from "../permission.ts";

export const recountQueuePermissions: readonly Permission[] = [
  { actions: ["sqs:SendMessage"], on: "queue/recount" },
];
