import type { Permission } from "../permission.ts";

export const noticeQueuePermissions: readonly Permission[] = [
  { actions: ["sqs:SendMessage"], on: "queue/notice" },
];
