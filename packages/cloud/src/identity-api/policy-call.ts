import { AwsError } from "../http/aws-service.ts";
import { type CustomerPolicy, policyArn } from "../identity/customer-policies.ts";
import { checkDocument, type IamCall, noSuchEntity, permit, policySize, quotaExceeded } from "./iam-call.ts";
import { lookUpManaged, type ManagedPolicy } from "./managed.ts";
import { policyUse } from "./use-of-policies.ts";

const POLICY_QUOTA = 6144;

/** @throws AwsError MalformedPolicyDocument, LimitExceeded */
export function checkPolicy(document: string): void {
  checkDocument(document, "identity");
  if (policySize(document) > POLICY_QUOTA) throw quotaExceeded("PolicySize", POLICY_QUOTA);
}

/** The policy that is asked for; throws when the caller may not ask, then when it is not there. */
export function askedPolicy(call: IamCall, arn: string): ManagedPolicy {
  permit(call, arn, { shown: `policy ${arn}` });
  return managedNamed(call, arn);
}

/** @throws AwsError NoSuchEntity */
export function managedNamed(call: IamCall, arn: string): ManagedPolicy {
  const policy = lookUpManaged(call, arn);
  if (policy) return policy;
  throw noSuchEntity(`Policy ${arn} was not found.`);
}

/** AWS's own can be changed by nobody. */
export function changeablePolicy(call: IamCall, arn: string): CustomerPolicy {
  askedPolicy(call, arn);
  const policy = call.identity.policies.find(arn);
  if (policy) return policy;
  throw new AwsError(
    "AccessDenied",
    `User: ${call.caller.arn} is not authorized to perform: iam:${call.operation} on resource: policy ${arn}`,
    403,
  );
}

/** The roles that it is attached to are judged by it from the next call on. */
export function changePolicy(call: IamCall, policy: CustomerPolicy): void {
  const { identity } = call;
  identity.policies.put({ ...policy, updatedAt: call.now.toISOString() });
  for (const { definition } of policyUse(call, policyArn(policy)).roles) identity.replaceRole(definition);
}
