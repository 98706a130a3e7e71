import type { Permission } from "../permission.ts";

/** What a table that is opened with `together` may ask for besides single items. */
export const getsTogetherPermissions: readonly Permission[] = [
  { actions: ["dynamodb:BatchGetItem"], on: "table" },
];
