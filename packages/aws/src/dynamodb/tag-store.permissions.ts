import type { Permission } from "../permission.ts";

/** findTag, moveTag. */
export const tagItemPermissions: readonly Permission[] = [
  { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
];
/** listTags. */
export const tagListPermissions: readonly Permission[] = [{ actions: ["dynamodb:Query"], on: "table" }];
/** listTagsOf. */
export const tagsOfDigestPermissions: readonly Permission[] = [
  { actions: ["dynamodb:Query"], on: "table/gsi1" },
];
