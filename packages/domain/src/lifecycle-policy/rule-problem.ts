import type { LifecycleChoices } from "./choices.ts";
import { type LifecycleRule, storageClassOf } from "./lifecycle-policy.ts";

/** Archived images are billed for 90 days, so they cannot be expired earlier. */
const SHORTEST_ARCHIVE = 90;
const MOST_WILDCARDS = 4;

/** What is wrong with one rule of the right shape, if anything is. */
export function ruleProblem(rule: LifecycleRule, choices: LifecycleChoices): string | undefined {
  return tagProblem(rule) ?? storageProblem(rule, choices) ?? countProblem(rule);
}

function tagProblem({ selection }: LifecycleRule): string | undefined {
  const { tagStatus, tagPatternList, tagPrefixList } = selection;
  const given = tagPatternList ?? tagPrefixList;
  if (tagPatternList !== undefined && tagPrefixList !== undefined)
    return "Only one of tagPrefixList and tagPatternList can be specified in a rule.";
  if (tagStatus === "tagged" && given === undefined)
    return "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.";
  if (tagStatus !== "tagged" && given !== undefined)
    return `Must not specify tagPrefixList or tagPatternList when tagStatus=${tagStatus.toUpperCase()}.`;
  const wild = tagPatternList?.find((pattern) => pattern.split("*").length - 1 > MOST_WILDCARDS);
  if (wild !== undefined) return `The tag pattern '${wild}' has more than ${MOST_WILDCARDS} wildcards.`;
  return undefined;
}

function storageProblem(rule: LifecycleRule, choices: LifecycleChoices): string | undefined {
  const { selection, action } = rule;
  if (selection.storageClass === "standard" && !choices.acceptExplicitStandard)
    return 'instance value ("standard") not found in enum (possible values: ["archive"])';
  const archived = storageClassOf(rule) === "archive";
  if ((selection.countType === "sinceImageTransitioned") !== archived)
    return "countType sinceImageTransitioned goes with storageClass archive, and storageClass archive with nothing else.";
  if (archived && action.type === "transition") return "Images of storageClass archive can only be expired.";
  return undefined;
}

function countProblem({ selection, action }: LifecycleRule): string | undefined {
  if (selection.countType === "sinceImagePulled" && action.type === "expire")
    return "countType sinceImagePulled can only be used with the action transition.";
  if (selection.countType === "sinceImageTransitioned" && selection.countNumber < SHORTEST_ARCHIVE)
    return `numeric instance is lower than the required minimum (minimum: ${SHORTEST_ARCHIVE}, found: ${selection.countNumber})`;
  return undefined;
}
