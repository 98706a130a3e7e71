import type { Permission } from "../permission.ts";

export const readerCredentialsPermissions: readonly Permission[] = [
  { actions: ["sts:AssumeRole"], on: "role/reader" },
];

export const writerCredentialsPermissions: readonly Permission[] = [
  { actions: ["sts:AssumeRole"], on: "role/writer" },
];
