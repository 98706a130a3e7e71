import { unknownOperators } from "./conditions.ts";
import { type DenialReason, denialMessage } from "./denial-message.ts";
import type { PolicyDocument, Statement } from "./policy-document.ts";
import type { NamedAs } from "./principals.ts";
import { type AccessQuestion, matchStatement } from "./statement.ts";

export type { AccessQuestion } from "./statement.ts";

/** A parsed policy and the name under which people know it. */
export type NamedPolicy = { readonly name: string; readonly document: PolicyDocument };

export type AccessPolicies = {
  /** Policies of the user or role; a service has none. */
  readonly identity: readonly NamedPolicy[];
  /** The permissions boundary of the user or role: the most that identity policies can give. Undefined: there is none. */
  readonly boundary?: NamedPolicy;
  /** Policies passed to AssumeRole: together they bound the session. Undefined: the session is not bounded. */
  readonly session?: readonly NamedPolicy[];
  readonly resource?: readonly NamedPolicy[];
  /** The policy that says who may assume a role. Unlike other policies of a resource it must allow, also within the account. */
  readonly trust?: NamedPolicy;
};

export type PolicySource = "identity" | "boundary" | "session" | "resource" | "trust";

/** One statement that took part in a decision. */
export type DecidingStatement = {
  readonly source: PolicySource;
  readonly policy: string;
  readonly index: number;
  readonly statement: Statement;
};

export type AccessDecision = {
  /** The statements that decided: what denies, or else what allows. Empty when nothing allows. */
  readonly statements: readonly DecidingStatement[];
  /** What the engine could not evaluate; it failed closed on each. */
  readonly problems: readonly string[];
} & (
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly explicitDeny: boolean;
      readonly message: string;
      /** Whose policies deny, or else lack what would have to allow. */
      readonly source?: PolicySource;
    }
);

type Match = DecidingStatement & { readonly namedAs: NamedAs };

/**
 * Decides as IAM does (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), without
 * organisation policies: a Deny anywhere wins; within one account the identity's policies or the resource's suffice;
 * between accounts both must allow; a permissions boundary and session policies bound what the user or role may do.
 */
export function evaluateAccess(question: AccessQuestion, policies: AccessPolicies): AccessDecision {
  const matches = allMatches(question, policies);
  const problems = findProblems(policies);
  const denies = matches.filter(({ statement }) => statement.Effect === "Deny");
  const [deny] = denies;
  if (deny) return refuse(question, { explicit: true, source: deny.source }, denies, problems);
  const missing = findMissing(question, policies, matches);
  if (missing) return refuse(question, { explicit: false, source: missing }, [], problems);
  return { allowed: true, statements: matches, problems };
}

/** The kind of policy that does not allow what it would have to; undefined when access is granted. */
function findMissing(
  question: AccessQuestion,
  policies: AccessPolicies,
  allows: readonly Match[],
): PolicySource | undefined {
  const has = (source: PolicySource) => allows.some((match) => match.source === source);
  const attached = policies.trust ? "trust" : "resource";
  const granted = allows.filter((match) => match.source === attached).map((match) => match.namedAs);
  if (policies.trust && granted.length === 0) return "trust";
  if (question.caller.service !== undefined) return granted.length > 0 ? undefined : attached;
  const bounds = ["boundary", "session"] as const;
  const bounded = bounds.find((source) => policies[source] !== undefined && !has(source));
  if (question.caller.account !== question.resourceAccount) {
    if (!has("identity")) return "identity";
    return bounded ?? (granted.length > 0 ? undefined : attached);
  }
  if (granted.includes("direct")) return undefined;
  if (!has("identity") && !granted.includes("role")) return "identity";
  return bounded;
}

function allMatches(question: AccessQuestion, policies: AccessPolicies): readonly Match[] {
  return sources(policies).flatMap(([source, policy]) =>
    policy.document.Statement.flatMap((statement, index) => {
      const match = matchStatement(statement, policy.document.Version, question);
      return match.applies ? [{ source, policy: policy.name, index, statement, namedAs: match.namedAs }] : [];
    }),
  );
}

function sources(policies: AccessPolicies): readonly (readonly [PolicySource, NamedPolicy])[] {
  const { identity, boundary, session = [], resource = [], trust } = policies;
  return [
    ...identity.map((policy) => ["identity", policy] as const),
    ...(boundary ? [["boundary", boundary] as const] : []),
    ...session.map((policy) => ["session", policy] as const),
    ...resource.map((policy) => ["resource", policy] as const),
    ...(trust ? [["trust", trust] as const] : []),
  ];
}

function findProblems(policies: AccessPolicies): readonly string[] {
  return sources(policies).flatMap(([source, policy]) =>
    unknownOperators(policy.document).map(
      (operator) => `${source} policy ${policy.name}: unknown condition operator ${operator}`,
    ),
  );
}

function refuse(
  question: AccessQuestion,
  reason: DenialReason,
  statements: readonly Match[],
  problems: readonly string[],
): AccessDecision {
  const message = denialMessage(question, reason);
  const { explicit: explicitDeny, source } = reason;
  return { allowed: false, explicitDeny, message, source, statements, problems };
}
