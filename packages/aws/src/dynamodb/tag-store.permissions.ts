import type { Permission } from "../permission.ts";

export const tagStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi1" },
];
