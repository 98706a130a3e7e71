import * as z from "zod";
import { AwsError } from "../http/aws-service.ts";
import type { PolicyVersion } from "../identity/customer-policies.ts";
import { deleteConflict, type IamOperation, iamOperation, noSuchEntity } from "./iam-call.ts";
import type { ManagedPolicy } from "./managed.ts";
import { askedPolicy, changeablePolicy, changePolicy, checkPolicy } from "./policy-call.ts";
import { Document, encodedDocument, flag, Paging, PolicyArn, page, timestamp } from "./shapes.ts";

const MOST_VERSIONS = 5;
const VersionId = z.string().regex(/^v[1-9]\d*$/);
const OfVersion = z.strictObject({ PolicyArn, VersionId });

/** Versions of managed policies: one of them is in force. */
export const policyVersionOperations: Readonly<Record<string, IamOperation>> = {
  GetPolicyVersion: iamOperation(OfVersion, (input, call) => {
    const policy = askedPolicy(call, input.PolicyArn);
    const version = versionOf(policy, input);
    return {
      PolicyVersion: { Document: encodedDocument(version.document), ...versionView(policy, version) },
    };
  }),
  ListPolicyVersions: iamOperation(z.strictObject({ PolicyArn, ...Paging }), (input, call) => {
    const policy = askedPolicy(call, input.PolicyArn);
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
      const policy = changeablePolicy(call, input.PolicyArn);
      checkPolicy(input.PolicyDocument);
      if (policy.versions.length >= MOST_VERSIONS)
        throw new AwsError(
          "LimitExceeded",
          `A managed policy can have up to ${MOST_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
          409,
        );
      const made = policy.made + 1;
      const version = { id: `v${made}`, document: input.PolicyDocument, createdAt: call.now.toISOString() };
      const inForce = input.SetAsDefault ? version.id : policy.inForce;
      changePolicy(call, { ...policy, made, inForce, versions: [...policy.versions, version] });
      return { PolicyVersion: versionView({ inForce }, version) };
    },
  ),
  SetDefaultPolicyVersion: iamOperation(OfVersion, (input, call) => {
    const policy = changeablePolicy(call, input.PolicyArn);
    changePolicy(call, { ...policy, inForce: versionOf(policy, input).id });
    return undefined;
  }),
  DeletePolicyVersion: iamOperation(OfVersion, (input, call) => {
    const policy = changeablePolicy(call, input.PolicyArn);
    const gone = versionOf(policy, input);
    if (gone.id === policy.inForce) throw deleteConflict("Cannot delete the default version of a policy.");
    changePolicy(call, { ...policy, versions: policy.versions.filter((version) => version !== gone) });
    return undefined;
  }),
};

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
