import type { Permission } from "../permission.ts";

/** putBody. */
export const manifestBodiesPermissions: readonly Permission[] = [
  { actions: ["s3:PutObject"], on: "bucket/manifests" },
];
/** getBody. */
export const manifestBodyReadingPermissions: readonly Permission[] = [
  { actions: ["s3:GetObject"], on: "bucket/manifests" },
];
