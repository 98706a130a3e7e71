import type { Permission } from "../permission.ts";

export const auditTrailPermissions: readonly Permission[] = [{ actions: ["dynamodb:PutItem"], on: "table" }];
