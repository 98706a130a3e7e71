import type { Permission } from "../permission.ts";

/** findState, putState. */
export const sourceStateStorePermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listStates. */
export const sourceStateListingPermissions: readonly Permission[] = [
  { actions: ["dynamodb:Query"], on: "table" },
];
