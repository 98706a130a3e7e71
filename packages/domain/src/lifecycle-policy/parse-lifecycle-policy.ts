import { LIFECYCLE_CHOICES, type LifecycleChoices } from "./choices.ts";
import { InvalidLifecyclePolicyError } from "./errors.ts";
import type { LifecyclePolicy } from "./lifecycle-policy.ts";
import { LifecyclePolicyDocument } from "./policy-schema.ts";
import { ruleProblem } from "./rule-problem.ts";
import { ruleSetProblem } from "./rule-set-problem.ts";
import { schemaMessage } from "./schema-message.ts";

/** Characters that ECR takes (ecr 2015-09-21 model, `LifecyclePolicyText`). */
export const LIFECYCLE_POLICY_LENGTH = { min: 100, max: 30_720 } as const;

/**
 * Reads a lifecycle policy as strictly as ECR does; its rules come out ordered by priority. The length of the text is
 * the caller's matter: what ECR gives back may be shorter than what it takes.
 *
 * Throws InvalidLifecyclePolicyError with the first problem.
 */
export function parseLifecyclePolicy(
  text: string,
  choices: LifecycleChoices = LIFECYCLE_CHOICES,
): LifecyclePolicy {
  const parsed = LifecyclePolicyDocument.safeParse(parseObject(text), { reportInput: true });
  if (!parsed.success) throw new InvalidLifecyclePolicyError(schemaMessage(parsed.error.issues));
  const rules = parsed.data.rules.toSorted((a, b) => a.rulePriority - b.rulePriority);
  const problem =
    rules.map((rule) => ruleProblem(rule, choices)).find((found) => found !== undefined) ??
    ruleSetProblem(rules, choices);
  if (problem !== undefined) throw new InvalidLifecyclePolicyError(problem);
  return { rules };
}

function parseObject(text: string): object {
  const json = parseJson(text);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw new InvalidLifecyclePolicyError("Could not map policyString into LifecyclePolicy.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidLifecyclePolicyError("Could not map policyString into LifecyclePolicy.", { cause });
  }
}
