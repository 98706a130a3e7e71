import type { Permission } from "../permission.ts";

export const registriesSourcePermissions: readonly Permission[] = [
  { actions: ["s3:GetObject"], on: "bucket/registries" },
];
