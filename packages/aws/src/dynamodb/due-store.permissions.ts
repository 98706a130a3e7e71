import type { Permission } from "../permission.ts";

/** findDue, putDue. */
export const dueItemPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** deleteDue. */
export const dueDeletionPermissions: readonly Permission[] = [
  { actions: ["dynamodb:DeleteItem"], on: "table" },
];
/** listDue. */
export const dueListPermissions: readonly Permission[] = [{ actions: ["dynamodb:Query"], on: "table/gsi2" }];
