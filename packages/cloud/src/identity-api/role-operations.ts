import * as z from "zod";
import type { XmlValue } from "../http/query-xml.ts";
import {
  alreadyExists,
  changeRole,
  checkDocument,
  deleteConflict,
  type IamCall,
  type IamOperation,
  iamOperation,
  permit,
  policySize,
  quotaExceeded,
  roleOf,
} from "./iam-call.ts";
import { findManaged } from "./managed.ts";
import { roleDetails, roleView } from "./role-view.ts";
import { Document, Paging, Path, PathPrefix, PolicyArn, page, RoleName, Tags, tagList } from "./shapes.ts";

const Duration = z.coerce.number().int().min(3600).max(43_200);
const Description = z.string().max(1000);
const TRUST_QUOTA = 2048;

const CreateRole = z.strictObject({
  RoleName,
  AssumeRolePolicyDocument: Document,
  Path: Path.default("/"),
  Description: Description.optional(),
  MaxSessionDuration: Duration.optional(),
  PermissionsBoundary: PolicyArn.optional(),
  Tags: Tags.optional(),
});

/** Roles: those of the stacks are roles like others. */
export const roleOperations: Readonly<Record<string, IamOperation>> = {
  CreateRole: iamOperation(CreateRole, createRole),
  GetRole: iamOperation(z.strictObject({ RoleName }), (input, call) => ({
    Role: { ...roleView(roleOf(call, input.RoleName), call), ...roleDetails(roleOf(call, input.RoleName)) },
  })),
  ListRoles: iamOperation(z.strictObject({ PathPrefix, ...Paging }), (input, call) => {
    permit(call, `arn:aws:iam::${call.account}:role/`);
    const own = call.identity.roles().filter(({ account }) => account === call.account);
    const below = own.filter(({ definition }) => (definition.path ?? "/").startsWith(input.PathPrefix));
    const sorted = below.toSorted((left, right) => (left.name < right.name ? -1 : 1));
    return page(
      "Roles",
      sorted.map((role) => roleView(role, call)),
      input,
    );
  }),
  DeleteRole: iamOperation(z.strictObject({ RoleName }), deleteRole),
  UpdateAssumeRolePolicy: iamOperation(
    z.strictObject({ RoleName, PolicyDocument: Document }),
    (input, call) => {
      const role = roleOf(call, input.RoleName);
      checkTrust(input.PolicyDocument);
      changeRole(call, role, { assumeRolePolicy: input.PolicyDocument });
      return undefined;
    },
  ),
  UpdateRole: iamOperation(
    z.strictObject({
      RoleName,
      Description: Description.optional(),
      MaxSessionDuration: Duration.optional(),
    }),
    ({ RoleName: name, Description: description, MaxSessionDuration: maxSessionDuration }, call) => {
      changeRole(call, roleOf(call, name), {
        ...(description !== undefined && { description }),
        ...(maxSessionDuration !== undefined && { maxSessionDuration }),
      });
      return {};
    },
  ),
  PutRolePermissionsBoundary: iamOperation(
    z.strictObject({ RoleName, PermissionsBoundary: PolicyArn }),
    (input, call) => {
      const role = roleOf(call, input.RoleName);
      findManaged(call, input.PermissionsBoundary);
      changeRole(call, role, { permissionsBoundary: input.PermissionsBoundary });
      return undefined;
    },
  ),
  DeleteRolePermissionsBoundary: iamOperation(z.strictObject({ RoleName }), (input, call) => {
    const { permissionsBoundary: _, ...unbounded } = roleOf(call, input.RoleName).definition;
    call.identity.replaceRole(unbounded);
    return undefined;
  }),
  TagRole: iamOperation(z.strictObject({ RoleName, Tags }), (input, call) => {
    const role = roleOf(call, input.RoleName);
    changeRole(call, role, { tags: { ...role.tags, ...input.Tags } });
    return undefined;
  }),
  UntagRole: iamOperation(z.strictObject({ RoleName, TagKeys: z.array(z.string()) }), (input, call) => {
    const role = roleOf(call, input.RoleName);
    const kept = Object.entries(role.tags).filter(([key]) => !input.TagKeys.includes(key));
    changeRole(call, role, { tags: Object.fromEntries(kept) });
    return undefined;
  }),
  ListRoleTags: iamOperation(z.strictObject({ RoleName, ...Paging }), (input, call) => {
    const { tags } = roleOf(call, input.RoleName);
    return page("Tags", tagList(tags) as readonly XmlValue[], input);
  }),
};

function createRole(input: z.infer<typeof CreateRole>, call: IamCall): XmlValue {
  const { account, identity, now } = call;
  const { RoleName: name, Path: path, PermissionsBoundary: boundary } = input;
  permit(call, `arn:aws:iam::${account}:role${path}${name}`, {
    ...(boundary !== undefined && { context: { "iam:permissionsboundary": boundary } }),
  });
  checkTrust(input.AssumeRolePolicyDocument);
  if (identity.findRole(account, name)) throw alreadyExists(`Role with name ${name} already exists.`);
  if (boundary !== undefined) findManaged(call, boundary);
  const role = identity.replaceRole({
    account,
    name,
    path,
    assumeRolePolicy: input.AssumeRolePolicyDocument,
    createdAt: now.toISOString(),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.MaxSessionDuration !== undefined && { maxSessionDuration: input.MaxSessionDuration }),
    ...(boundary !== undefined && { permissionsBoundary: boundary }),
    ...(input.Tags !== undefined && { tags: input.Tags }),
  });
  return { Role: { ...roleView(role, call), ...roleDetails(role) } };
}

function deleteRole({ RoleName: name }: { readonly RoleName: string }, call: IamCall): XmlValue {
  const role = roleOf(call, name);
  const { inlinePolicies = [], managedPolicyArns = [] } = role.definition;
  if (managedPolicyArns.length > 0)
    throw deleteConflict("Cannot delete entity, must detach all policies first.");
  if (inlinePolicies.length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
  if (call.profiles.all().some((profile) => profile.account === call.account && profile.role === name))
    throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
  call.identity.removeRole(call.account, name);
  return undefined;
}

function checkTrust(document: string): void {
  checkDocument(document, "trust");
  if (policySize(document) > TRUST_QUOTA) throw quotaExceeded("ACLSizePerRole", TRUST_QUOTA);
}
