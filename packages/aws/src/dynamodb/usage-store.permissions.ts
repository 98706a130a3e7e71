import type { Permission } from "../permission.ts";

/** findUsage, putUsage. */
export const usageStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listUsage. */
export const usageReadingPermissions: readonly Permission[] = [{ actions: ["dynamodb:Query"], on: "table" }];
