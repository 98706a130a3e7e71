import {
  type AccessDecision,
  type AccessQuestion,
  evaluateAccess,
  type NamedPolicy,
  type PolicySource,
} from "../iam-policy/evaluate-access.ts";
import {
  MalformedPolicyError,
  type PolicyDocument,
  type PolicyKind,
  parsePolicy,
  type Statement,
} from "../iam-policy/policy-document.ts";
import { matchStatement } from "../iam-policy/statement.ts";
import { type KnownContext, unknownKeys, withoutDoubt } from "./doubt.ts";
import type { LookedPolicy } from "./facts.ts";
import type { Unseen } from "./looked.ts";

/** Everything that takes part in a decision, some of it perhaps unseen. */
export type JudgedAccess = {
  readonly question: Omit<AccessQuestion, "context">;
  readonly known: KnownContext;
  readonly identity: readonly LookedPolicy[];
  readonly boundary?: LookedPolicy;
  readonly resource?: readonly LookedPolicy[];
  readonly trust?: LookedPolicy;
};

export type Judgement =
  | { readonly verdict: "allowed"; readonly by: readonly string[] }
  | {
      readonly verdict: "refused";
      readonly message: string;
      /** Whose policies deny (`denials` names them), or else lack an Allow. */
      readonly source: PolicySource;
      readonly denials: readonly string[];
    }
  | {
      readonly verdict: "unknown";
      readonly unseen: readonly Unseen[];
      /** Condition keys on whose values it depends. */
      readonly keys: readonly string[];
    };

/** `generous`: everything unknown turns out in favour of the request; `strict`: against it. */
type Stance = "generous" | "strict";

/**
 * Decides as IAM does over what is known. Where something is not (a policy that could not be read, a condition on a key like
 * the VPC that nobody knows beforehand) it is decided twice, once with everything unknown in favour of the request and once
 * against it: only what comes out the same both ways is an answer.
 */
export function judgeAccess(access: JudgedAccess): Judgement {
  const policies = parsedPolicies(access);
  const [generous, strict] = (["generous", "strict"] as const).map((stance) =>
    decide(access, policies, stance),
  );
  if (strict?.allowed) return { verdict: "allowed", by: strict.statements.map(nameStatement) };
  if (generous && !generous.allowed) {
    const { message, source = "identity", statements } = generous;
    return { verdict: "refused", message, source, denials: statements.map(nameStatement) };
  }
  return { verdict: "unknown", ...doubtsOf(access, policies) };
}

/** `document` or, for one that was not seen or cannot be read, why. */
type Parsed = { readonly source: PolicySource; readonly name: string } & (
  | { readonly document: PolicyDocument }
  | { readonly unseen: Unseen }
);

const KINDS = {
  identity: "identity",
  boundary: "identity",
  session: "session",
  resource: "resource",
  trust: "trust",
} as const satisfies Record<PolicySource, PolicyKind>;

function parsedPolicies({ identity, boundary, resource = [], trust }: JudgedAccess): readonly Parsed[] {
  return [
    ...identity.map((policy) => parse("identity", policy)),
    ...(boundary ? [parse("boundary", boundary)] : []),
    ...resource.map((policy) => parse("resource", policy)),
    ...(trust ? [parse("trust", trust)] : []),
  ];
}

function parse(source: PolicySource, { name, document }: LookedPolicy): Parsed {
  if ("unseen" in document) return { source, name, unseen: document.unseen };
  try {
    return { source, name, document: parsePolicy(document.seen, KINDS[source]) };
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error;
    const reason = `${name} cannot be read: ${error.problems.join("; ")}`;
    return { source, name, unseen: { action: "parse", reason, refused: false } };
  }
}

function decide(access: JudgedAccess, policies: readonly Parsed[], stance: Stance): AccessDecision {
  const of = (source: PolicySource): readonly NamedPolicy[] =>
    policies
      .filter((policy) => policy.source === source)
      .map((policy) => ({ name: policy.name, document: supposed(policy, access.known, stance) }));
  const [boundary] = of("boundary");
  const [trust] = of("trust");
  return evaluateAccess(
    { ...access.question, context: access.known.values },
    {
      identity: of("identity"),
      ...(boundary && { boundary }),
      resource: of("resource"),
      ...(trust && { trust }),
    },
  );
}

/** The policy, with what is unknown in it supposed to be as the stance has it. */
function supposed(policy: Parsed, known: KnownContext, stance: Stance): PolicyDocument {
  const helpful = stance === "generous" ? "Allow" : "Deny";
  if (!("document" in policy)) return everything(helpful, policy.source);
  const { Version, Statement } = policy.document;
  return {
    Version,
    Statement: Statement.map((statement) => {
      if (unknownKeys(statement, known).length === 0) return statement;
      return statement.Effect === helpful ? withoutDoubt(statement, known) : asIfAbsent(statement);
    }),
  };
}

/** It applies to nothing, and the statements behind it keep their numbers. */
function asIfAbsent({ Action: _, ...statement }: Statement): Statement {
  return { ...statement, NotAction: ["*"] };
}

function everything(Effect: "Allow" | "Deny", source: PolicySource): PolicyDocument {
  const attached = source === "resource" || source === "trust";
  const statement = { Effect, Action: ["*"], ...(source !== "trust" && { Resource: ["*"] }) };
  return {
    Version: "2012-10-17",
    Statement: [attached ? { ...statement, Principal: { AWS: ["*"] } } : statement],
  };
}

/** Only what speaks about this question: a condition in a statement on something else keeps nobody from knowing. */
function doubtsOf(
  { question, known }: JudgedAccess,
  policies: readonly Parsed[],
): { readonly unseen: readonly Unseen[]; readonly keys: readonly string[] } {
  const keys = policies.flatMap((policy) => {
    if (!("document" in policy)) return [];
    const { Statement, Version } = policy.document;
    const asked = { ...question, context: known.values };
    return Statement.filter((it) => matchStatement(withoutDoubt(it, known), Version, asked).applies).flatMap(
      (it) => unknownKeys(it, known),
    );
  });
  const unseen = policies.flatMap((policy) => ("unseen" in policy ? [policy.unseen] : []));
  return { unseen, keys: [...new Set(keys)] };
}

function nameStatement({ policy, index, statement }: AccessDecision["statements"][number]): string {
  return `${policy}, ${statement.Sid === undefined ? `statement ${index + 1}` : `statement ${statement.Sid}`}`;
}
