import type { Permission } from "../permission.ts";
import {
  readerCredentialsPermissions,
  writerCredentialsPermissions,
} from "../sts/role-credentials.permissions.ts";

/** The function assumes both roles; what the reader is then asked to do stands in member-roles.ts. */
export const registryProbePermissions: readonly Permission[] = [
  ...readerCredentialsPermissions,
  ...writerCredentialsPermissions,
];
