import { type CustomerPolicy, policyArn } from "../identity/customer-policies.ts";
import { awsManagedPolicies, managedDocument } from "../identity/managed-policies.ts";
import { type IamCall, noSuchEntity } from "./iam-call.ts";
import { documentText } from "./shapes.ts";

/** A managed policy as IAM sees it, AWS's own or the account's. */
export type ManagedPolicy = Omit<CustomerPolicy, "account" | "made"> & { readonly arn: string };

const PREFIX = "arn:aws:iam::aws:policy";
/** AWS's own policies have had versions; the embedded cloud knows the one in force. */
const PUBLISHED = "2015-02-06T18:40:00Z";

/** A policy of the caller's account, or of AWS. */
export function lookUpManaged({ identity, account }: IamCall, arn: string): ManagedPolicy | undefined {
  const own = identity.policies.find(arn);
  if (own) return own.account === account ? { ...own, arn } : undefined;
  const document = managedDocument(arn);
  return document && awsPolicy(arn, document);
}

/** @throws AwsError NoSuchEntity, for a policy that cannot be attached */
export function findManaged(call: IamCall, arn: string): ManagedPolicy {
  const found = lookUpManaged(call, arn);
  if (found) return found;
  throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

export function allManaged(call: IamCall, scope: "All" | "AWS" | "Local"): readonly ManagedPolicy[] {
  const own = call.identity.policies
    .all()
    .filter(({ account }) => account === call.account)
    .map((policy) => ({ ...policy, arn: policyArn(policy) }));
  const aws = awsManagedPolicies.map((arn) => awsPolicy(arn, managedDocument(arn) ?? {}));
  return [...(scope === "AWS" ? [] : own), ...(scope === "Local" ? [] : aws)];
}

function awsPolicy(arn: string, document: object): ManagedPolicy {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  return {
    arn,
    name,
    path: arn.slice(PREFIX.length, arn.length - name.length),
    createdAt: PUBLISHED,
    updatedAt: PUBLISHED,
    inForce: "v1",
    versions: [{ id: "v1", document: documentText(document), createdAt: PUBLISHED }],
    tags: {},
  };
}
