import type { NamedPolicy } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import * as z from "zod";

/** One version of a managed policy. */
const PolicyVersion = z.object({
  /** `v1`; never used a second time. */
  id: z.string(),
  /** JSON text. */
  document: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
});
export type PolicyVersion = z.infer<typeof PolicyVersion>;

/** A managed policy that an account has made for itself. */
export const CustomerPolicy = z.object({
  account: z.string(),
  name: z.string(),
  /** `/` unless given; part of the ARN. */
  path: z.string(),
  description: z.string().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** Id of the version that is in force. */
  inForce: z.string(),
  /** How many versions there have ever been. */
  made: z.number(),
  versions: z.array(PolicyVersion),
  tags: z.record(z.string(), z.string()),
});
export type CustomerPolicy = z.infer<typeof CustomerPolicy>;

export type CustomerPolicies = {
  find(arn: string): CustomerPolicy | undefined;
  /** The version in force, as the engine takes it. */
  named(arn: string): NamedPolicy | undefined;
  all(): readonly CustomerPolicy[];
  put(policy: CustomerPolicy): void;
  delete(arn: string): void;
};

export function createCustomerPolicies(): CustomerPolicies {
  const policies = new Map<string, CustomerPolicy>();
  return {
    find: (arn) => policies.get(arn),
    named(arn) {
      const policy = policies.get(arn);
      const version = policy?.versions.find(({ id }) => id === policy.inForce);
      return version && { name: arn, document: parsePolicy(version.document, "identity") };
    },
    all: () => [...policies.values()],
    put: (policy) => void policies.set(policyArn(policy), policy),
    delete: (arn) => void policies.delete(arn),
  };
}

export function policyArn({
  account,
  path,
  name,
}: Pick<CustomerPolicy, "account" | "path" | "name">): string {
  return `arn:aws:iam::${account}:policy${path}${name}`;
}
