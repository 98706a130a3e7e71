import * as z from "zod";
import type { XmlValue } from "../http/query-xml.ts";
import { policyArn } from "../identity/customer-policies.ts";
import { uniqueId } from "../identity/unique-id.ts";
import {
  alreadyExists,
  deleteConflict,
  type IamCall,
  type IamOperation,
  iamOperation,
  permit,
} from "./iam-call.ts";
import { allManaged, type ManagedPolicy } from "./managed.ts";
import { askedPolicy, changeablePolicy, checkPolicy, managedNamed } from "./policy-call.ts";
import {
  Document,
  flag,
  Paging,
  Path,
  PathPrefix,
  PolicyArn,
  PolicyName,
  page,
  Tags,
  tagList,
  timestamp,
} from "./shapes.ts";
import { policyUse } from "./use-of-policies.ts";

/** Managed policies: the account's own, and AWS's to read. */
export const policyOperations: Readonly<Record<string, IamOperation>> = {
  CreatePolicy: iamOperation(
    z.strictObject({
      PolicyName,
      PolicyDocument: Document,
      Path: Path.default("/"),
      Description: z.string().max(1000).optional(),
      Tags: Tags.default({}),
    }),
    (input, call) => {
      const { account, identity } = call;
      const arn = policyArn({ account, path: input.Path, name: input.PolicyName });
      permit(call, arn, { shown: `policy ${input.PolicyName}` });
      checkPolicy(input.PolicyDocument);
      const own = identity.policies.all().filter((policy) => policy.account === account);
      if (own.some(({ name }) => name === input.PolicyName))
        throw alreadyExists(
          `A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`,
        );
      const at = call.now.toISOString();
      identity.policies.put({
        account,
        name: input.PolicyName,
        path: input.Path,
        description: input.Description,
        createdAt: at,
        updatedAt: at,
        inForce: "v1",
        made: 1,
        versions: [{ id: "v1", document: input.PolicyDocument, createdAt: at }],
        tags: input.Tags,
      });
      return { Policy: policyView(managedNamed(call, arn), call) };
    },
  ),
  GetPolicy: iamOperation(z.strictObject({ PolicyArn }), (input, call) => {
    const policy = askedPolicy(call, input.PolicyArn);
    const { description, tags } = policy;
    return {
      Policy: { ...policyView(policy, call), Description: description, Tags: tagList(tags) },
    };
  }),
  ListPolicies: iamOperation(
    z.strictObject({
      Scope: z.enum(["All", "AWS", "Local"]).default("All"),
      OnlyAttached: flag.default(false),
      PathPrefix,
      PolicyUsageFilter: z.enum(["PermissionsPolicy", "PermissionsBoundary"]).optional(),
      ...Paging,
    }),
    (input, call) => {
      permit(call, `arn:aws:iam::${call.account}:policy/`);
      const shown = allManaged(call, input.Scope)
        .filter(({ path }) => path.startsWith(input.PathPrefix))
        .filter(({ arn }) => !input.OnlyAttached || policyUse(call, arn).attached > 0);
      return page(
        "Policies",
        shown.map((policy) => policyView(policy, call)),
        input,
      );
    },
  ),
  DeletePolicy: iamOperation(z.strictObject({ PolicyArn }), (input, call) => {
    const policy = changeablePolicy(call, input.PolicyArn);
    const { attached, boundaries } = policyUse(call, input.PolicyArn);
    if (attached + boundaries > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
    if (policy.versions.length > 1)
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    call.identity.policies.delete(input.PolicyArn);
    return undefined;
  }),
};

function policyView(policy: ManagedPolicy, call: IamCall): Record<string, XmlValue> {
  const { attached, boundaries } = policyUse(call, policy.arn);
  return {
    PolicyName: policy.name,
    PolicyId: uniqueId("ANPA", policy.arn),
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.inForce,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: boundaries,
    IsAttachable: true,
    CreateDate: timestamp(policy.createdAt),
    UpdateDate: timestamp(policy.updatedAt),
  };
}
