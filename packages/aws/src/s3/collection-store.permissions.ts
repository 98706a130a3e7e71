import type { Permission } from "../permission.ts";
import { evidenceReadingPermissions } from "./snapshot-store.permissions.ts";

/** putCollected, findCollected, dropCollected. */
export const collectionStorePermissions: readonly Permission[] = [
  ...evidenceReadingPermissions,
  { actions: ["s3:DeleteObject", "s3:PutObject"], on: "bucket/usage" },
];
