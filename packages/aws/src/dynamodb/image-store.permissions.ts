import type { Permission } from "../permission.ts";

/** findImage, putImage. */
export const imageItemPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listImages. */
export const imageListPermissions: readonly Permission[] = [{ actions: ["dynamodb:Query"], on: "table" }];
