import type { Permission } from "../permission.ts";

export const deedLogPermissions: readonly Permission[] = [{ actions: ["dynamodb:PutItem"], on: "table" }];

export const deedQueriesPermissions: readonly Permission[] = [
  { actions: ["dynamodb:Query"], on: "table" },
  { actions: ["dynamodb:Query"], on: "table/gsi1" },
];
