import * as z from "zod";
import type { Role } from "../identity/roles.ts";
import {
  changeRole,
  checkDocument,
  type IamOperation,
  iamOperation,
  noSuchEntity,
  policySize,
  quotaExceeded,
  roleOf,
} from "./iam-call.ts";
import { findManaged, lookUpManaged } from "./managed.ts";
import {
  Document,
  documentText,
  encodedDocument,
  Paging,
  PathPrefix,
  PolicyArn,
  PolicyName,
  page,
  RoleName,
} from "./shapes.ts";

/** Of all inline policies of a role together, and how many managed policies it may have. */
const INLINE_QUOTA = 10_240;
const ATTACHED_QUOTA = 10;

const OfRole = z.strictObject({ RoleName, PolicyName });
const Attachment = z.strictObject({ RoleName, PolicyArn });

/** What a role may do: its own policies, and managed ones that are attached to it. */
export const rolePolicyOperations: Readonly<Record<string, IamOperation>> = {
  PutRolePolicy: iamOperation(OfRole.extend({ PolicyDocument: Document }), (input, call) => {
    const role = roleOf(call, input.RoleName);
    checkDocument(input.PolicyDocument, "identity");
    const others = inlineOf(role).filter(({ name }) => name !== input.PolicyName);
    const inlinePolicies = [...others, { name: input.PolicyName, policy: input.PolicyDocument }];
    const size = inlinePolicies.reduce((sum, { policy }) => sum + policySize(documentText(policy)), 0);
    if (size > INLINE_QUOTA) throw quotaExceeded("InlinePolicySizePerRole", INLINE_QUOTA);
    changeRole(call, role, { inlinePolicies });
    return undefined;
  }),
  GetRolePolicy: iamOperation(OfRole, (input, call) => {
    const { policy } = inlineNamed(roleOf(call, input.RoleName), input.PolicyName);
    return { ...input, PolicyDocument: encodedDocument(policy) };
  }),
  ListRolePolicies: iamOperation(z.strictObject({ RoleName, ...Paging }), (input, call) => {
    const names = inlineOf(roleOf(call, input.RoleName)).map(({ name }) => name);
    return page("PolicyNames", names.toSorted(), input);
  }),
  DeleteRolePolicy: iamOperation(OfRole, (input, call) => {
    const role = roleOf(call, input.RoleName);
    const gone = inlineNamed(role, input.PolicyName);
    changeRole(call, role, { inlinePolicies: inlineOf(role).filter((policy) => policy !== gone) });
    return undefined;
  }),
  AttachRolePolicy: iamOperation(Attachment, (input, call) => {
    const role = roleOf(call, input.RoleName, { "iam:policyarn": input.PolicyArn });
    findManaged(call, input.PolicyArn);
    const { managedPolicyArns = [] } = role.definition;
    const attached = [...new Set([...managedPolicyArns, input.PolicyArn])];
    if (attached.length > ATTACHED_QUOTA) throw quotaExceeded("PoliciesPerRole", ATTACHED_QUOTA);
    changeRole(call, role, { managedPolicyArns: attached });
    return undefined;
  }),
  DetachRolePolicy: iamOperation(Attachment, (input, call) => {
    const role = roleOf(call, input.RoleName, { "iam:policyarn": input.PolicyArn });
    const { managedPolicyArns = [] } = role.definition;
    if (!managedPolicyArns.includes(input.PolicyArn))
      throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
    changeRole(call, role, { managedPolicyArns: managedPolicyArns.filter((arn) => arn !== input.PolicyArn) });
    return undefined;
  }),
  ListAttachedRolePolicies: iamOperation(
    z.strictObject({ RoleName, PathPrefix, ...Paging }),
    (input, call) => {
      const { managedPolicyArns = [] } = roleOf(call, input.RoleName).definition;
      const attached = managedPolicyArns
        .filter((arn) => (lookUpManaged(call, arn)?.path ?? "/").startsWith(input.PathPrefix))
        .map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn }));
      return page("AttachedPolicies", attached, input);
    },
  ),
};

function inlineOf({ definition }: Role) {
  return definition.inlinePolicies ?? [];
}

function inlineNamed(role: Role, name: string) {
  const found = inlineOf(role).find((policy) => policy.name === name);
  if (found) return found;
  throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
}
