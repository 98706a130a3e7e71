import type { Permission } from "../permission.ts";

/** findSummary, putSummary. */
export const summaryItemPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listRepositories. */
export const summaryListPermissions: readonly Permission[] = [
  { actions: ["dynamodb:Query"], on: "table/gsi2" },
];
