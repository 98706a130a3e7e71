import type { NamedPolicy } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import { managedPolicy } from "./managed-policies.ts";
import { uniqueId } from "./unique-id.ts";

/** A role as people declare it. Policy documents are JSON text or parsed JSON. */
export type RoleDefinition = {
  readonly account: string;
  readonly name: string;
  /** `/` unless given; part of the role's ARN, not of its sessions' ARNs. */
  readonly path?: string;
  readonly assumeRolePolicy: unknown;
  readonly inlinePolicies?: readonly { readonly name: string; readonly policy: unknown }[];
  readonly managedPolicyArns?: readonly string[];
  /** Longest session, in seconds: 3600 unless given. */
  readonly maxSessionDuration?: number;
  /** `aws:PrincipalTag/<key>` of the role's sessions. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly description?: string;
  /** ARN of the managed policy that bounds what the role's policies can give. */
  readonly permissionsBoundary?: string;
  /** ISO 8601; of a role that a stack declares it is not known. */
  readonly createdAt?: string;
};

export type Role = {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  /** `AROA...`, the first half of `aws:userid`. */
  readonly id: string;
  readonly trust: NamedPolicy;
  readonly policies: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly maxSessionSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
  /** What it was made of. */
  readonly definition: RoleDefinition;
};

/**
 * `findManaged`: a managed policy by its ARN; those of AWS unless given.
 *
 * @throws MalformedPolicyError, or Error for an unknown managed policy
 */
export function createRole(definition: RoleDefinition, findManaged = managedPolicy): Role {
  const { account, name, path = "/", inlinePolicies = [], managedPolicyArns = [] } = definition;
  const arn = `arn:aws:iam::${account}:role${path}${name}`;
  const inline = inlinePolicies.map((it) => ({
    name: it.name,
    document: parsePolicy(it.policy, "identity"),
  }));
  return {
    account,
    name,
    arn,
    id: uniqueId("AROA", arn),
    trust: { name: "trust", document: parsePolicy(definition.assumeRolePolicy, "trust") },
    policies: [...inline, ...managedPolicyArns.map((policyArn) => findManaged(policyArn))],
    ...(definition.permissionsBoundary !== undefined && {
      boundary: findManaged(definition.permissionsBoundary),
    }),
    definition,
    maxSessionSeconds: definition.maxSessionDuration ?? 3600,
    tags: definition.tags ?? {},
  };
}
