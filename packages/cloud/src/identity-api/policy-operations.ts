import * as z from "zod";
import { AwsError } from "../http/aws-service.ts";
import type { XmlValue } from "../http/query-xml.ts";
import { type CustomerPolicy, type PolicyVersion, policyArn } from "../identity/customer-policies.ts";
import { uniqueId } from "../identity/unique-id.ts";
import {
  alreadyExists,
  checkDocument,
  deleteConflict,
  type IamCall,
  type IamOperation,
  iamOperation,
  noSuchEntity,
  permit,
  policySize,
  quotaExceeded,
} from "./iam-call.ts";
import { allManaged, lookUpManaged, type ManagedPolicy } from "./managed.ts";
import {
  Document,
  encodedDocument,
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

const POLICY_QUOTA = 6144;
const MOST_VERSIONS = 5;
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const VersionId = z.string().regex(/^v[1-9]\d*$/);
const OfVersion = z.strictObject({ PolicyArn, VersionId });

/** Managed policies and their versions. */
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
      checkSize(input.PolicyDocument);
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
      return { Policy: policyView(managed(call, arn), call) };
    },
  ),
  GetPolicy: iamOperation(z.strictObject({ PolicyArn }), (input, call) => {
    const policy = asked(call, input.PolicyArn);
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
    const policy = changeable(call, input.PolicyArn);
    const { attached, boundaries } = policyUse(call, input.PolicyArn);
    if (attached + boundaries > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
    if (policy.versions.length > 1)
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    call.identity.policies.delete(input.PolicyArn);
    return undefined;
  }),
  GetPolicyVersion: iamOperation(OfVersion, (input, call) => {
    const policy = asked(call, input.PolicyArn);
    const version = versionOf(policy, input);
    return {
      PolicyVersion: { Document: encodedDocument(version.document), ...versionView(policy, version) },
    };
  }),
  ListPolicyVersions: iamOperation(z.strictObject({ PolicyArn, ...Paging }), (input, call) => {
    const policy = asked(call, input.PolicyArn);
    const newestFirst = policy.versions.toReversed();
    return page(
      "Versions",
      newestFirst.map((version) => versionView(policy, version)),
      input,
    );
  }),
  CreatePolicyVersion: iamOperation(
    z.strictObject({ PolicyArn, PolicyDocument: Document, SetAsDefault: flag.default(false) }),
    (input, call) => {
      const policy = changeable(call, input.PolicyArn);
      checkSize(input.PolicyDocument);
      if (policy.versions.length >= MOST_VERSIONS)
        throw new AwsError(
          "LimitExceeded",
          `A managed policy can have up to ${MOST_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
          409,
        );
      const made = policy.made + 1;
      const version = { id: `v${made}`, document: input.PolicyDocument, createdAt: call.now.toISOString() };
      const inForce = input.SetAsDefault ? version.id : policy.inForce;
      change(call, { ...policy, made, inForce, versions: [...policy.versions, version] });
      return { PolicyVersion: versionView({ inForce }, version) };
    },
  ),
  SetDefaultPolicyVersion: iamOperation(OfVersion, (input, call) => {
    const policy = changeable(call, input.PolicyArn);
    change(call, { ...policy, inForce: versionOf(policy, input).id });
    return undefined;
  }),
  DeletePolicyVersion: iamOperation(OfVersion, (input, call) => {
    const policy = changeable(call, input.PolicyArn);
    const gone = versionOf(policy, input);
    if (gone.id === policy.inForce) throw deleteConflict("Cannot delete the default version of a policy.");
    change(call, { ...policy, versions: policy.versions.filter((version) => version !== gone) });
    return undefined;
  }),
};

function checkSize(document: string): void {
  checkDocument(document, "identity");
  if (policySize(document) > POLICY_QUOTA) throw quotaExceeded("PolicySize", POLICY_QUOTA);
}

/** The policy that is asked for; throws when the caller may not ask, then when it is not there. */
function asked(call: IamCall, arn: string): ManagedPolicy {
  permit(call, arn, { shown: `policy ${arn}` });
  return managed(call, arn);
}

function managed(call: IamCall, arn: string): ManagedPolicy {
  const policy = lookUpManaged(call, arn);
  if (policy) return policy;
  throw noSuchEntity(`Policy ${arn} was not found.`);
}

/** AWS's own can be changed by nobody. */
function changeable(call: IamCall, arn: string): CustomerPolicy {
  asked(call, arn);
  const policy = call.identity.policies.find(arn);
  if (policy) return policy;
  throw new AwsError(
    "AccessDenied",
    `User: ${call.caller.arn} is not authorized to perform: iam:${call.operation} on resource: policy ${arn}`,
    403,
  );
}

/** The roles that it is attached to are judged by it from the next call on. */
function change(call: IamCall, policy: CustomerPolicy): void {
  const { identity } = call;
  identity.policies.put({ ...policy, updatedAt: call.now.toISOString() });
  for (const { definition } of policyUse(call, policyArn(policy)).roles) identity.replaceRole(definition);
}

function versionOf(policy: Pick<ManagedPolicy, "versions">, asked: z.infer<typeof OfVersion>): PolicyVersion {
  const version = policy.versions.find(({ id }) => id === asked.VersionId);
  if (version) return version;
  throw noSuchEntity(
    `Policy ${asked.PolicyArn} version ${asked.VersionId} does not exist or is not attachable.`,
  );
}

function versionView({ inForce }: Pick<ManagedPolicy, "inForce">, version: PolicyVersion) {
  return {
    VersionId: version.id,
    IsDefaultVersion: version.id === inForce,
    CreateDate: timestamp(version.createdAt),
  };
}

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
