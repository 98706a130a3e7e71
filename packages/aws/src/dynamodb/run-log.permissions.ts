import type { Permission } from "../permission.ts";

/** Whoever asks, and whoever does it. */
export const runLogWritePermissions: readonly Permission[] = [{ actions: ["dynamodb:PutItem"], on: "table" }];
/** findRun. */
export const runLogReadPermissions: readonly Permission[] = [{ actions: ["dynamodb:Query"], on: "table" }];
