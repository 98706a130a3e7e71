import type { Permission } from "../permission.ts";

export const imageStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], on: "table" },
];
