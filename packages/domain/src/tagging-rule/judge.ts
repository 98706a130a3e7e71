import { matchesGlob } from "../policy/glob.ts";
import { describeSelector, selectsTag } from "../policy/match.ts";
import type { TaggingRule } from "../policy/policy.ts";
import type { TagSelector } from "../policy/selector.ts";
import type { TagVerdict } from "./verdict.ts";

/**
 * Judges one tag in one repository: one verdict for each rule that selects the repository, in the policy's order; empty
 * when none does. Deny beats allow; with an allow list, a tag that matches none of it is a violation.
 */
export function judgeTag(
  rules: readonly TaggingRule[],
  repository: string,
  tag: string,
): readonly TagVerdict[] {
  return rules
    .filter((rule) => rule.repositories.some((glob) => matchesGlob(glob, repository)))
    .map((rule) => ({ subject: { repository, tag }, rule: rule.name, ...judgeByRule(rule, tag) }));
}

/** The verdicts that are violations. */
export function violationsOf(verdicts: readonly TagVerdict[]): readonly TagVerdict[] {
  return verdicts.filter(({ verdict }) => verdict === "violation");
}

type Judgement = Pick<TagVerdict, "verdict" | "reason" | "evidence">;

function judgeByRule(rule: TaggingRule, tag: string): Judgement {
  const denied = rule.deny?.find((selector) => selectsTag(selector, tag));
  if (denied) {
    const evidence = { denied: describeSelector(denied), ...(rule.allow && { allowed: list(rule.allow) }) };
    return violation(
      `Tag "${tag}" is denied by rule "${rule.name}" (${evidence.denied})${instead(rule)}.`,
      evidence,
    );
  }
  if (!rule.allow) {
    return allowed(`Tag "${tag}" matches nothing that rule "${rule.name}" denies.`, {
      denied: list(rule.deny ?? []),
    });
  }
  const matched = rule.allow.find((selector) => selectsTag(selector, tag));
  if (matched) {
    const evidence = { matched: describeSelector(matched) };
    return allowed(`Tag "${tag}" is allowed by rule "${rule.name}" (${evidence.matched}).`, evidence);
  }
  return violation(`Tag "${tag}" matches nothing that rule "${rule.name}" allows: ${list(rule.allow)}.`, {
    allowed: list(rule.allow),
  });
}

function instead(rule: TaggingRule): string {
  return rule.allow
    ? `; allowed would be ${list(rule.allow)}`
    : `; any tag but ${list(rule.deny ?? [])} would be allowed`;
}

function list(selectors: readonly TagSelector[]): string {
  return selectors.map(describeSelector).join(", ");
}

function violation(reason: string, evidence: Judgement["evidence"]): Judgement {
  return { verdict: "violation", reason, evidence };
}

function allowed(reason: string, evidence: Judgement["evidence"]): Judgement {
  return { verdict: "allowed", reason, evidence };
}
