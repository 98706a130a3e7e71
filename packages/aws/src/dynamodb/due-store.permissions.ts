import type { Permission } from "../permission.ts";

export const dueStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
];
