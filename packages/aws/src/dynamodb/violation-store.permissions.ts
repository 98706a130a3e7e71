import type { Permission } from "../permission.ts";

/** findViolation, putViolation. */
export const violationItemPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listOpenViolations. */
export const violationListPermissions: readonly Permission[] = [{ actions: ["dynamodb:Query"], on: "table" }];
