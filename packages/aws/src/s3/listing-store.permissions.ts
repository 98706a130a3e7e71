import type { Permission } from "../permission.ts";

/** findListing. Without ListBucket S3 answers 403 for an object that is not there, as for one that may not be read. */
export const listingReadingPermissions: readonly Permission[] = [
  { actions: ["s3:GetObject"], on: "bucket/listings" },
  { actions: ["s3:ListBucket"], on: "bucket" },
];
/** putListing. */
export const listingWritingPermissions: readonly Permission[] = [
  { actions: ["s3:PutObject"], on: "bucket/listings" },
];
