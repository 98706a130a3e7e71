import type { Permission } from "../permission.ts";

/** findConsumers, as findSnapshot. */
export { evidenceReadingPermissions as consumersReadingPermissions } from "./snapshot-store.permissions.ts";

/** putConsumers. */
export const consumersWritingPermissions: readonly Permission[] = [
  { actions: ["s3:PutObject"], on: "bucket/usage" },
];
