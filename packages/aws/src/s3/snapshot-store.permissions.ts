import type { Permission } from "../permission.ts";

/** findSnapshot. Without ListBucket S3 answers 403 for an object that is not there, as for one that may not be read. */
export const evidenceReadingPermissions: readonly Permission[] = [
  { actions: ["s3:GetObject"], on: "bucket/usage" },
  { actions: ["s3:ListBucket"], on: "bucket" },
];
/** putSnapshot, which reads what stands in its way. */
export const snapshotWritingPermissions: readonly Permission[] = [
  ...evidenceReadingPermissions,
  { actions: ["s3:PutObject"], on: "bucket/usage" },
];
