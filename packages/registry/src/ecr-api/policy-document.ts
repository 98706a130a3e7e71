import { unknownOperators } from "@tallyman/domain/iam-policy/conditions";
import {
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
} from "@tallyman/domain/iam-policy/policy-document";
import type { Core } from "../core/core.ts";
import { invalidParameter } from "../core/errors.ts";

/** Refuses what IAM could not evaluate as a resource policy, or what names nobody, and says what is wrong with it. */
export function requirePolicyDocument(
  { isPrincipal }: Pick<Core, "isPrincipal">,
  text: string,
  kind: "repository" | "registry",
): void {
  const problems = problemsOf(text, isPrincipal);
  if (problems.length === 0) return;
  throw invalidParameter("PolicyText", `Invalid ${kind} policy provided: ${problems.join("; ")}`);
}

function problemsOf(text: string, isPrincipal: Core["isPrincipal"]): readonly string[] {
  try {
    const policy = parsePolicy(text, "resource");
    return [
      ...unknownOperators(policy).map((operator) => `unknown condition operator ${operator}`),
      ...principalsOf(policy)
        .filter((principal) => !PRINCIPAL.test(principal) || !isPrincipal(principal))
        .map((principal) => `Principal not found: ${principal}`),
    ];
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error.problems;
    throw error;
  }
}

/**
 * An account, its root, a user, a role, a session, or everyone; or the unique id that AWS puts in place of a principal that
 * is gone.
 */
const PRINCIPAL =
  /^(\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)\/[^*?]+)|arn:aws[a-z-]*:sts::\d{12}:(assumed-role|federated-user)\/[^*?]+|A[A-Z0-9]{15,})$/;

function principalsOf({ Statement }: PolicyDocument): readonly string[] {
  return Statement.flatMap(({ Principal, NotPrincipal }) => (Principal ?? NotPrincipal)?.AWS ?? []);
}
