import type { Permission } from "../permission.ts";

export const summaryStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
];
