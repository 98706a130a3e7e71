import type { XmlValue } from "../http/query-xml.ts";
import type { Role } from "../identity/roles.ts";
import type { IamCall } from "./iam-call.ts";
import { encodedDocument, tagList, timestamp } from "./shapes.ts";

/** A role as IAM shows it among others. */
export function roleView(role: Role, { started }: Pick<IamCall, "started">): Record<string, XmlValue> {
  const { description, createdAt, path = "/", assumeRolePolicy } = role.definition;
  return {
    Path: path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: timestamp(createdAt ?? started),
    AssumeRolePolicyDocument: encodedDocument(assumeRolePolicy),
    Description: description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

/** What a list leaves out (API Reference, ListRoles). */
export function roleDetails({ definition, tags }: Role): Record<string, XmlValue> {
  const { permissionsBoundary: arn } = definition;
  return {
    ...(arn !== undefined && {
      PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: arn },
    }),
    ...(Object.keys(tags).length > 0 && { Tags: tagList(tags) }),
    RoleLastUsed: {},
  };
}
