import { readerCredentialsPermissions } from "../sts/role-credentials.permissions.ts";

/** The function assumes the reader role; what that role allows stands in ecr/member-roles.ts. */
export const lambdaUsageCollectorPermissions = readerCredentialsPermissions;
