import type { LifecycleChoices } from "./choices.ts";
import { type LifecycleRule, storageClassOf } from "./lifecycle-policy.ts";

/** What is wrong with rules that are each right by themselves, if anything is; `rules` by priority. */
export function ruleSetProblem(
  rules: readonly LifecycleRule[],
  choices: LifecycleChoices,
): string | undefined {
  return (
    priorityProblem(rules) ??
    anyProblem(rules) ??
    untaggedProblem(rules, choices) ??
    tagsProblem(rules, choices)
  );
}

function priorityProblem(rules: readonly LifecycleRule[]): string | undefined {
  const twice = firstRepeated(rules, (rule) => String(rule.rulePriority));
  return (
    twice && `Rule priorities must be unique, and rulePriority ${twice.rulePriority} is used more than once.`
  );
}

/** Whatever stands behind an `any` rule could never act: it shields every image of its storage class. */
function anyProblem(rules: readonly LifecycleRule[]): string | undefined {
  const shadowed = rules.some((rule, index) =>
    rules
      .slice(0, index)
      .some((earlier) => earlier.selection.tagStatus === "any" && sameClass(earlier, rule)),
  );
  return shadowed ? "Rule for tagStatus=ANY must have the lowest priority per storage class." : undefined;
}

function untaggedProblem(rules: readonly LifecycleRule[], choices: LifecycleChoices): string | undefined {
  const perAction = choices.oneUntaggedRulePer === "storageClassAndAction";
  const twice = firstRepeated(
    rules.filter((rule) => rule.selection.tagStatus === "untagged"),
    (rule) => `${storageClassOf(rule)} ${perAction ? rule.action.type : ""}`,
  );
  return twice && "Only one rule can select Untagged images per storage class.";
}

/** The same list in two rules, in whatever order, or where so chosen an entry of one in another's. */
function tagsProblem(rules: readonly LifecycleRule[], choices: LifecycleChoices): string | undefined {
  const uses = rules
    .filter((rule) => rule.selection.tagStatus === "tagged")
    .flatMap((rule) => usedTags(rule, choices));
  const twice = new Set(uses).size < uses.length;
  return twice
    ? "A tagPrefixList or tagPatternList can be used in one rule only per storage class."
    : undefined;
}

/** What no other rule of the storage class may use: the list as a whole, or each of its entries. */
function usedTags(rule: LifecycleRule, { uniqueTags }: LifecycleChoices): readonly string[] {
  const { tagPatternList, tagPrefixList } = rule.selection;
  const kind = `${storageClassOf(rule)} ${tagPatternList === undefined ? "prefix" : "pattern"}`;
  const entries = [...new Set(tagPatternList ?? tagPrefixList)].toSorted();
  return (uniqueTags === "entry" ? entries : [JSON.stringify(entries)]).map((tags) => `${kind} ${tags}`);
}

function sameClass(one: LifecycleRule, other: LifecycleRule): boolean {
  return storageClassOf(one) === storageClassOf(other);
}

function firstRepeated(
  rules: readonly LifecycleRule[],
  keyOf: (rule: LifecycleRule) => string,
): LifecycleRule | undefined {
  const seen = new Set<string>();
  return rules.find((rule) => {
    const key = keyOf(rule);
    const known = seen.has(key);
    seen.add(key);
    return known;
  });
}
