import type { Permission } from "../permission.ts";
import {
  readerCredentialsPermissions,
  writerCredentialsPermissions,
} from "../sts/role-credentials.permissions.ts";

/**
 * The function assumes both roles, and reads the brake before it registers; what the roles allow stands in
 * member-roles.ts.
 */
export const pullTimeExclusionsPermissions: readonly Permission[] = [
  ...readerCredentialsPermissions,
  ...writerCredentialsPermissions,
  { actions: ["dynamodb:GetItem"], on: "table" },
];
