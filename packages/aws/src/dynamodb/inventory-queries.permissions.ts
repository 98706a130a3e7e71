import type { Permission } from "../permission.ts";

export const inventoryQueriesPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:Query"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi1" },
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
];
