import type { Permission } from "../permission.ts";

export const violationStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], on: "table" },
];
