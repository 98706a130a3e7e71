import { findOperator, type OperatorName } from "./condition-operators.ts";
import type { Conditions, PolicyDocument } from "./policy-document.ts";
import { contextValue, expandVariables, type RequestContext } from "./policy-variables.ts";
import type { Segment } from "./wildcard.ts";

/**
 * `undetermined`: the engine cannot tell (an operator it does not know, a negation over a variable without a value).
 * An Allow then does not apply and a Deny does: both ways the request is refused.
 */
export type Truth = "satisfied" | "unsatisfied" | "undetermined";

/** All operators and all their keys must be satisfied; of several values of one key, one suffices. */
export function evaluateConditions(
  conditions: Conditions | undefined,
  context: RequestContext,
  version: string,
): Truth {
  const truths = Object.entries(conditions ?? {}).flatMap(([name, keys]) =>
    Object.entries(keys).map(([key, wanted]): Truth => {
      const found = findOperator(name);
      if (!found) return "undetermined";
      return evaluateKey(
        found,
        toList(contextValue(context, key)),
        expandAll(found, wanted, context, version),
      );
    }),
  );
  return all(truths);
}

export function all(truths: readonly Truth[]): Truth {
  if (truths.includes("unsatisfied")) return "unsatisfied";
  return truths.includes("undetermined") ? "undetermined" : "satisfied";
}

/** Operators in a policy that IAM does not know, for services that refuse to store such a policy. */
export function unknownOperators(policy: PolicyDocument): readonly string[] {
  const found = unknown.get(policy) ?? findUnknown(policy);
  unknown.set(policy, found);
  return found;
}

/** Documents do not change, and every decision asks. */
const unknown = new WeakMap<PolicyDocument, readonly string[]>();

function findUnknown(policy: PolicyDocument): readonly string[] {
  const names = policy.Statement.flatMap((statement) => Object.keys(statement.Condition ?? {}));
  return [...new Set(names)].filter((name) => findOperator(name) === undefined);
}

type Wanted = { readonly values: readonly (readonly Segment[])[]; readonly unresolved: boolean };

function expandAll(
  { operator }: OperatorName,
  wanted: readonly string[],
  context: RequestContext,
  version: string,
): Wanted {
  const variables = operator !== "Null" && operator.variables;
  const expanded = wanted.map((text) =>
    variables ? expandVariables(text, context, version) : [{ text, literal: false }],
  );
  const values = expanded.filter((segments) => segments !== undefined);
  return { values, unresolved: values.length < expanded.length };
}

function evaluateKey(
  { operator, quantifier, ifExists }: OperatorName,
  values: readonly string[],
  wanted: Wanted,
): Truth {
  const absent = values.length === 0;
  if (operator === "Null") return truth(wanted.values.some(([first]) => first?.text === String(absent)));
  if (absent)
    return truth(ifExists || quantifier === "all" || (operator.negated && quantifier === undefined));
  const matched = (value: string) => wanted.values.some((segments) => operator.matches(value, segments));
  const holds = operator.negated ? (value: string) => !matched(value) : matched;
  // Without a quantifier a negation means that no value of the request matches.
  const every = quantifier === "all" || (quantifier === undefined && operator.negated);
  const satisfied = every ? values.every(holds) : values.some(holds);
  return satisfied && operator.negated && wanted.unresolved ? "undetermined" : truth(satisfied);
}

function truth(satisfied: boolean): Truth {
  return satisfied ? "satisfied" : "unsatisfied";
}

function toList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
