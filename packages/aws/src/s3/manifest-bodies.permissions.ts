import type { Permission } from "../permission.ts";

export const manifestBodiesPermissions: readonly Permission[] = [
  { actions: ["s3:PutObject"], on: "bucket/manifests" },
];
