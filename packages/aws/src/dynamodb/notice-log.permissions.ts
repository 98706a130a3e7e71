import type { Permission } from "../permission.ts";

export const noticeLogPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
