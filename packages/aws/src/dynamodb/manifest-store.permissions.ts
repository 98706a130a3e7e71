import type { Permission } from "../permission.ts";

/** hasManifest, putManifest. */
export const manifestStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** findHeads. */
export const manifestHeadsPermissions: readonly Permission[] = [
  { actions: ["dynamodb:BatchGetItem"], on: "table" },
];
