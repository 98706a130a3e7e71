import type { Permission } from "../permission.ts";

export const policySourcePermissions: readonly Permission[] = [
  { actions: ["s3:GetObject"], on: "bucket/policy" },
];
