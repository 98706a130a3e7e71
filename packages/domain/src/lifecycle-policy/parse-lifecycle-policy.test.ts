import { describe, expect, test } from "vitest";
import { LIFECYCLE_CHOICES, type LifecycleChoices } from "./choices.ts";
import { InvalidLifecyclePolicyError } from "./errors.ts";
import { formatLifecyclePolicy } from "./lifecycle-policy.ts";
import { parseLifecyclePolicy } from "./parse-lifecycle-policy.ts";

const untagged = { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 };
const any = { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 };
const prod = { ...any, tagStatus: "tagged", tagPatternList: ["prod*"] };
const archived = {
  tagStatus: "any",
  storageClass: "archive",
  countType: "sinceImageTransitioned",
  countUnit: "days",
  countNumber: 365,
};
const archive = { type: "transition", targetStorageClass: "archive" };

function rule(selection: unknown, more: object = {}) {
  return { rulePriority: 1, selection, action: { type: "expire" }, ...more };
}
function problemOf(document: unknown, choices: Partial<LifecycleChoices> = {}): string | undefined {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  try {
    parseLifecyclePolicy(text, { ...LIFECYCLE_CHOICES, ...choices });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidLifecyclePolicyError);
    return (error as Error).message;
  }
}
/** The problem of a policy of these rules, which get the priorities 1, 2, 3, ... */
const problemOfRules = (...rules: object[]) =>
  problemOf({ rules: rules.map((one, index) => ({ ...one, rulePriority: index + 1 })) });

const noSchema = "instance failed to match exactly one schema (matched 0 out of 2)";
const unreadable = "Could not map policyString into LifecyclePolicy.";

describe("a lifecycle policy", () => {
  test.each([
    ["a count of untagged images", rule(untagged)],
    ["an age of all images", rule(any)],
    ["patterns", rule({ ...prod, tagPatternList: ["a*b*c*d*", "release"] })],
    ["prefixes", rule({ ...any, tagStatus: "tagged", tagPrefixList: ["prod"] })],
    ["archiving what is not pulled", rule({ ...any, countType: "sinceImagePulled" }, { action: archive })],
    ["archiving by count", rule(untagged, { action: archive })],
    ["expiring what is archived", rule(archived)],
    ["the shortest time in the archive", rule({ ...archived, countNumber: 90 })],
    ["its storage class written out", rule({ ...untagged, storageClass: "standard" })],
    ["a description", rule(untagged, { description: "" })],
  ])("may have a rule for %s", (_, one) => {
    expect(problemOf({ rules: [one] })).toBeUndefined();
  });

  test("may archive and then delete: one `any` rule for each storage class", () => {
    expect(problemOfRules(rule(any, { action: archive }), rule(archived))).toBeUndefined();
  });

  test("may mix prefixes and patterns, and use one entry in different lists", () => {
    const both = { ...prod, tagPatternList: ["prod*", "eu*"] };
    const prefix = { ...any, tagStatus: "tagged", tagPrefixList: ["prod*"] };
    expect(problemOfRules(rule(prod), rule(both), rule(prefix))).toBeUndefined();
  });

  test("may not use one entry in different lists where that is chosen", () => {
    const { tagPatternList: _, ...tagged } = prod;
    const both = rule({ ...prod, tagPatternList: ["eu*", "prod*", "prod*"] });
    const problem = (...rules: object[]) =>
      problemOf(
        { rules: rules.map((one, index) => ({ ...one, rulePriority: index + 1 })) },
        { uniqueTags: "entry" },
      );
    expect(problem(rule(prod), both)).toMatch(/in one rule only/);
    expect(problem(both, rule({ ...tagged, tagPrefixList: ["prod*"] }))).toBeUndefined();
    expect(problem(both, rule({ ...prod, tagPatternList: ["us*"] }))).toBeUndefined();
  });

  test.each([
    ["text that is no JSON", "{", unreadable],
    ["nothing", "", unreadable],
    ["a list", [], unreadable],
    ["null", "null", unreadable],
    ["no rules", {}, 'object has missing required properties (["rules"])'],
    [
      "rules that are no list",
      { rules: {} },
      'instance type (object) does not match any allowed primitive type (allowed: ["array"])',
    ],
    [
      "an empty list",
      { rules: [] },
      "array is too short: must have at least 1 elements but instance has 0 elements",
    ],
    [
      "a rule that is none",
      { rules: ["x"] },
      'instance type (string) does not match any allowed primitive type (allowed: ["object"])',
    ],
    [
      "an unknown member",
      { rules: [rule(untagged)], x: 1 },
      'object instance has properties which are not allowed by the schema: (["x"])',
    ],
    [
      "an unknown member of a rule",
      { rules: [rule(untagged, { x: 1 })] },
      'object instance has properties which are not allowed by the schema: (["x"])',
    ],
    [
      "an unknown member of a selection",
      { rules: [rule({ ...untagged, x: 1 })] },
      'object instance has properties which are not allowed by the schema: (["x"])',
    ],
    [
      "an empty rule",
      { rules: [{}] },
      'object has missing required properties (["action","rulePriority","selection"])',
    ],
    [
      "an empty selection",
      { rules: [rule({})] },
      'object has missing required properties (["countNumber","countType","tagStatus"])',
    ],
    [
      "priority 0",
      { rules: [rule(untagged, { rulePriority: 0 })] },
      "numeric instance is lower than the required minimum (minimum: 1, found: 0)",
    ],
    [
      "half a priority",
      { rules: [rule(untagged, { rulePriority: 1.5 })] },
      'instance type (number) does not match any allowed primitive type (allowed: ["integer"])',
    ],
    [
      "count 0",
      { rules: [rule({ ...untagged, countNumber: 0 })] },
      "numeric instance is lower than the required minimum (minimum: 1, found: 0)",
    ],
    [
      "half a count",
      { rules: [rule({ ...untagged, countNumber: 0.5 })] },
      'instance type (number) does not match any allowed primitive type (allowed: ["integer"])',
    ],
    [
      "a count as text",
      { rules: [rule({ ...untagged, countNumber: "1" })] },
      'instance type (string) does not match any allowed primitive type (allowed: ["integer"])',
    ],
    [
      "an unknown tag status",
      { rules: [rule({ ...untagged, tagStatus: "TAGGED" })] },
      'instance value ("TAGGED") not found in enum (possible values: ["tagged","untagged","any"])',
    ],
    [
      "an unknown storage class",
      { rules: [rule({ ...untagged, storageClass: "glacier" })] },
      'instance value ("glacier") not found in enum (possible values: ["standard","archive"])',
    ],
    ["an unknown count", { rules: [rule({ ...untagged, countType: "sinceForever" })] }, noSchema],
    ["a unit where images are counted", { rules: [rule({ ...untagged, countUnit: "days" })] }, noSchema],
    ["no unit where they age", { rules: [rule({ ...any, countUnit: undefined })] }, noSchema],
    [
      "another unit than days",
      { rules: [rule({ ...any, countUnit: "hours" })] },
      'instance value ("hours") not found in enum (possible values: ["days"])',
    ],
    [
      "a unit of null",
      { rules: [rule({ ...any, countUnit: null })] },
      'instance value (null) not found in enum (possible values: ["days"])',
    ],
    ["an unknown action", { rules: [rule(untagged, { action: { type: "delete" } })] }, noSchema],
    ["an empty action", { rules: [rule(untagged, { action: {} })] }, noSchema],
    [
      "an expiry with a target",
      { rules: [rule(untagged, { action: { ...archive, type: "expire" } })] },
      noSchema,
    ],
    [
      "an expiry with a target of null",
      { rules: [rule(untagged, { action: { type: "expire", targetStorageClass: null } })] },
      noSchema,
    ],
    [
      "a transition without a target",
      { rules: [rule(untagged, { action: { type: "transition" } })] },
      noSchema,
    ],
    [
      "a transition to standard",
      { rules: [rule(untagged, { action: { ...archive, targetStorageClass: "standard" } })] },
      noSchema,
    ],
    [
      "an empty list of patterns",
      { rules: [rule({ ...prod, tagPatternList: [] })] },
      "array is too short: must have at least 1 elements but instance has 0 elements",
    ],
    [
      "an empty pattern",
      { rules: [rule({ ...prod, tagPatternList: [""] })] },
      'string "" is too short (length: 0, required minimum: 1)',
    ],
    [
      "five wildcards",
      { rules: [rule({ ...prod, tagPatternList: ["ok", "*a*b*c*d*"] })] },
      "The tag pattern '*a*b*c*d*' has more than 4 wildcards.",
    ],
    [
      "tagged without a list",
      { rules: [rule({ ...prod, tagPatternList: undefined })] },
      "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.",
    ],
    [
      "both lists",
      { rules: [rule({ ...prod, tagPrefixList: ["a"] })] },
      "Only one of tagPrefixList and tagPatternList can be specified in a rule.",
    ],
    [
      "patterns for untagged images",
      { rules: [rule({ ...prod, tagStatus: "untagged" })] },
      "Must not specify tagPrefixList or tagPatternList when tagStatus=UNTAGGED.",
    ],
    [
      "prefixes for any image",
      { rules: [rule({ ...any, tagPrefixList: ["a"] })] },
      "Must not specify tagPrefixList or tagPatternList when tagStatus=ANY.",
    ],
    [
      "expiring what is not pulled",
      { rules: [rule({ ...any, countType: "sinceImagePulled" })] },
      "countType sinceImagePulled can only be used with the action transition.",
    ],
    [
      "time in the archive without the archive",
      { rules: [rule({ ...archived, storageClass: undefined })] },
      "countType sinceImageTransitioned goes with storageClass archive, and storageClass archive with nothing else.",
    ],
    [
      "the archive by push age",
      { rules: [rule({ ...any, storageClass: "archive" })] },
      "countType sinceImageTransitioned goes with storageClass archive, and storageClass archive with nothing else.",
    ],
    [
      "archiving the archived",
      { rules: [rule(archived, { action: archive })] },
      "Images of storageClass archive can only be expired.",
    ],
    [
      "less than 90 days in the archive",
      { rules: [rule({ ...archived, countNumber: 89 })] },
      "numeric instance is lower than the required minimum (minimum: 90, found: 89)",
    ],
  ])("must not have %s", (_, document, problem) => {
    expect(problemOf(document)).toBe(problem);
  });

  test("has at most 50 rules", () => {
    const rules = Array.from({ length: 51 }, (_, index) => rule({ ...prod, tagPatternList: [`v${index}`] }));
    expect(problemOfRules(...rules.slice(1))).toBeUndefined();
    expect(problemOfRules(...rules)).toBe(
      "array is too long: must have at most 50 elements but instance has 51 elements",
    );
  });

  test("uses each priority once", () => {
    expect(problemOf({ rules: [rule(untagged), rule(any)] })).toBe(
      "Rule priorities must be unique, and rulePriority 1 is used more than once.",
    );
  });

  test.each([
    ["an untagged rule", rule(untagged)],
    ["a second `any` rule", rule({ ...any, countNumber: 60 })],
  ])("has nothing behind an `any` rule of the same storage class, such as %s", (_, behind) => {
    expect(problemOfRules(rule(any), behind)).toBe(
      "Rule for tagStatus=ANY must have the lowest priority per storage class.",
    );
    expect(problemOf({ rules: [{ ...rule(any), rulePriority: 9 }, rule(untagged)] })).toBeUndefined();
  });

  test("has one `untagged` rule for each storage class, or for each action where that is chosen", () => {
    const rules = [rule(untagged), { ...rule(untagged, { action: archive }), rulePriority: 2 }];
    const only = "Only one rule can select Untagged images per storage class.";
    expect(problemOf({ rules })).toBe(only);
    expect(problemOf({ rules }, { oneUntaggedRulePer: "storageClassAndAction" })).toBeUndefined();
    const twice = [rule(untagged), { ...rule(untagged), rulePriority: 2 }];
    expect(problemOf({ rules: twice }, { oneUntaggedRulePer: "storageClassAndAction" })).toBe(only);
    expect(problemOfRules(rule(untagged), rule({ ...archived, tagStatus: "untagged" }))).toBeUndefined();
  });

  test("has no list twice in a storage class, whatever its order", () => {
    const list = (tagPatternList: string[]) => rule({ ...prod, tagPatternList });
    expect(problemOfRules(list(["a*", "b"]), list(["b", "a*"]))).toBe(
      "A tagPrefixList or tagPatternList can be used in one rule only per storage class.",
    );
    const inArchive = rule({ ...archived, tagStatus: "tagged", tagPatternList: ["a*"] });
    expect(problemOfRules(list(["a*"]), inArchive)).toBeUndefined();
  });

  test("may be asked not to write out the standard class", () => {
    const document = { rules: [rule({ ...untagged, storageClass: "standard" })] };
    expect(problemOf(document, { acceptExplicitStandard: false })).toBe(
      'instance value ("standard") not found in enum (possible values: ["archive"])',
    );
  });

  test("comes back with its rules by priority and its members in order", () => {
    const rules = [
      { action: { type: "expire" }, selection: any, rulePriority: 20 },
      { selection: untagged, action: archive, description: "d", rulePriority: 3 },
    ];
    const text = formatLifecyclePolicy(parseLifecyclePolicy(JSON.stringify({ rules })));
    expect(text).toBe(
      '{"rules":[{"rulePriority":3,"description":"d","selection":{"tagStatus":"untagged","countType":"imageCountMoreThan",' +
        '"countNumber":1},"action":{"type":"transition","targetStorageClass":"archive"}},{"rulePriority":20,"selection":' +
        '{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":30},"action":{"type":"expire"}}]}',
    );
    expect(formatLifecyclePolicy(parseLifecyclePolicy(text))).toBe(text);
  });
});
