import type { Permission } from "../permission.ts";

export const registryRecordsPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
