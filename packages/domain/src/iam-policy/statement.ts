import { matchesArn } from "./arn-pattern.ts";
import type { Caller } from "./authorize.ts";
import { all, evaluateConditions, type Truth } from "./conditions.ts";
import type { Statement } from "./policy-document.ts";
import { expandVariables, type RequestContext } from "./policy-variables.ts";
import { isSpared, type NamedAs, namedAs } from "./principals.ts";
import { matchesAction, tokenize } from "./wildcard.ts";

/** What is asked, with everything that statements may look at. */
export type AccessQuestion = {
  readonly caller: Caller;
  /** ARN of the caller's role where it has a path, which the session's ARN does not tell. */
  readonly roleArn?: string;
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly context: RequestContext;
};

/** Whether the statement speaks about this question, and how it names the caller (`direct` in an identity's policy). */
export type StatementMatch = { readonly applies: boolean; readonly namedAs: NamedAs };

export function matchStatement(
  statement: Statement,
  version: string,
  question: AccessQuestion,
): StatementMatch {
  const named = principalNames(statement, question);
  if (!named || !actionMatches(statement, question.action)) return { applies: false, namedAs: "direct" };
  const truth = all([
    resourceMatches(statement, version, question),
    evaluateConditions(statement.Condition, question.context, version),
  ]);
  return { applies: applies(statement.Effect, truth), namedAs: named };
}

function applies(effect: Statement["Effect"], truth: Truth): boolean {
  return truth === "satisfied" || (truth === "undetermined" && effect === "Deny");
}

function principalNames(statement: Statement, { caller, roleArn }: AccessQuestion): NamedAs | undefined {
  const { Principal, NotPrincipal } = statement;
  if (Principal) return namedAs(Principal, caller, roleArn);
  if (!NotPrincipal) return "direct";
  const spared =
    statement.Effect === "Deny"
      ? isSpared(NotPrincipal, caller, roleArn)
      : namedAs(NotPrincipal, caller, roleArn) !== undefined;
  return spared ? undefined : "direct";
}

function actionMatches({ Action, NotAction }: Statement, action: string): boolean {
  if (Action) return Action.some((pattern) => matchesAction(pattern, action));
  return NotAction !== undefined && !NotAction.some((pattern) => matchesAction(pattern, action));
}

/** A policy of a resource may leave Resource out (queue, repository, role): it then speaks about its own resource. */
function resourceMatches(statement: Statement, version: string, question: AccessQuestion): Truth {
  const { Resource, NotResource } = statement;
  const patterns = Resource ?? NotResource;
  if (!patterns) return "satisfied";
  const expanded = patterns.map((pattern) => expandVariables(pattern, question.context, version));
  const matched = expanded.some((segments) => segments && matchesArn(tokenize(segments), question.resource));
  if (Resource) return matched ? "satisfied" : "unsatisfied";
  if (matched) return "unsatisfied";
  return expanded.includes(undefined) ? "undetermined" : "satisfied";
}
