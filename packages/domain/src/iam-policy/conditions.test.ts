// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import { describe, expect, it } from "vitest";
import { evaluateConditions, type Truth, unknownOperators } from "./conditions.ts";
import { parsePolicy } from "./policy-document.ts";
import type { RequestContext } from "./policy-variables.ts";

type Wanted = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

function evaluate(wanted: Wanted, context: RequestContext, version = "2012-10-17"): Truth {
  const copy = structuredClone(wanted) as Record<string, Record<string, string[]>>;
  return evaluateConditions(copy, context, version);
}

describe("one operator", () => {
  it.each<[string, readonly string[], string, boolean]>([
    ["StringEquals", ["a", "b"], "b", true],
    ["StringEquals", ["A"], "a", false],
    ["StringEquals", ["a*"], "ab", false],
    ["StringNotEquals", ["a", "b"], "b", false],
    ["StringNotEquals", ["a", "b"], "c", true],
    ["StringEqualsIgnoreCase", ["A"], "a", true],
    ["StringNotEqualsIgnoreCase", ["A"], "a", false],
    ["StringLike", ["home/*"], "home/x", true],
    ["StringLike", ["home/?"], "home/xy", false],
    ["StringNotLike", ["home/*"], "home/x", false],
    [
      "ArnLike",
      ["arn:aws:events:*:111122223333:rule/*"],
      "arn:aws:events:us-east-1:111122223333:rule/R",
      true,
    ],
    [
      "ArnEquals",
      ["arn:aws:events:*:111122223333:rule/*"],
      "arn:aws:events:us-east-1:111122223333:rule/R",
      true,
    ],
    ["ArnEquals", ["arn:aws:events:*:rule/*"], "arn:aws:events:us-east-1:111122223333:rule/R", false],
    ["ArnNotLike", ["arn:aws:iam::*:role/admin"], "arn:aws:iam::1:role/admin", false],
    ["ArnNotEquals", ["arn:aws:iam::1:role/admin"], "arn:aws:iam::1:role/other", true],
    ["NumericEquals", ["10"], "10.0", true],
    ["NumericEquals", ["ten"], "ten", false],
    ["NumericEquals", ["0"], "", false],
    ["NumericNotEquals", ["10"], "11", true],
    ["NumericLessThan", ["10"], "9", true],
    ["NumericLessThan", ["10"], "10", false],
    ["NumericLessThanEquals", ["10"], "10", true],
    ["NumericGreaterThan", ["10"], "10", false],
    ["NumericGreaterThanEquals", ["10"], "10", true],
    ["DateGreaterThan", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:01Z", true],
    ["DateGreaterThan", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z", false],
    ["DateGreaterThanEquals", ["1767225600"], "2026-01-01T00:00:00Z", true],
    ["DateLessThan", ["2026-01-01"], "2025-12-31T23:59:59Z", true],
    ["DateLessThanEquals", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z", true],
    ["DateEquals", ["2026-01-01T00:00:00Z"], "1767225600", true],
    ["DateNotEquals", ["2026-01-01T00:00:00Z"], "1767225600", false],
    ["DateLessThan", ["2026-01-01T00:00:00Z"], "some day", false],
    ["Bool", ["true"], "true", true],
    ["Bool", ["true"], "false", false],
    ["Bool", ["yes"], "yes", false],
    ["BinaryEquals", ["QmluYXJ5"], "QmluYXJ5", true],
    ["IpAddress", ["203.0.113.0/24", "2001:db8::/32"], "203.0.113.9", true],
    ["NotIpAddress", ["203.0.113.0/24"], "203.0.113.9", false],
    ["NotIpAddress", ["203.0.113.0/24"], "198.51.100.1", true],
    ["Null", ["false"], "anything", true],
    ["Null", ["true"], "anything", false],
  ])("%s %j is, for %j: %s", (operator, wanted, value, expected) => {
    const truth = evaluate({ [operator]: { "aws:Key": wanted } }, { "aws:key": value });
    expect(truth).toBe(expected ? "satisfied" : "unsatisfied");
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html: "If the key that
  // you specify is not present ... the condition is false"; for negated operators "the condition is true".
  it.each<[string, boolean]>([
    ["StringEquals", false],
    ["StringNotEquals", true],
    ["ArnNotLike", true],
    ["NotIpAddress", true],
    ["Bool", false],
    ["StringEqualsIfExists", true],
    ["StringNotEqualsIfExists", true],
    ["BoolIfExists", true],
    ["ForAnyValue:StringEquals", false],
    ["ForAnyValue:StringNotEquals", false],
    ["ForAllValues:StringEquals", true],
    ["ForAllValues:StringLikeIfExists", true],
    ["Null", true],
  ])("%s is, for a key that the request does not have: %s", (operator, expected) => {
    const expectedTruth = expected ? "satisfied" : "unsatisfied";
    expect(evaluate({ [operator]: { "aws:Key": ["true"] } }, {})).toBe(expectedTruth);
    expect(evaluate({ [operator]: { "aws:Key": ["true"] } }, { "aws:key": [] })).toBe(expectedTruth);
  });
});

// The table of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
describe("keys with several values", () => {
  it.each<[string, readonly string[], readonly string[], boolean]>([
    ["ForAllValues:StringEquals", ["ID", "PostDateTime"], ["ID", "PostDateTime", "UserName"], true],
    ["ForAllValues:StringEquals", ["ID", "Message"], ["ID", "PostDateTime"], false],
    ["ForAnyValue:StringEquals", ["ID", "Message"], ["ID", "PostDateTime"], true],
    ["ForAnyValue:StringEquals", ["Message"], ["ID", "PostDateTime"], false],
    ["ForAllValues:StringNotEquals", ["a", "b"], ["c"], true],
    ["ForAllValues:StringNotEquals", ["a", "c"], ["c"], false],
    ["ForAnyValue:StringNotEquals", ["a", "c"], ["c"], true],
    ["ForAnyValue:StringNotEquals", ["c"], ["c"], false],
    ["ForAnyValue:StringLike", ["team-a"], ["team-*"], true],
    ["StringEquals", ["a", "b"], ["b"], true],
    ["StringNotEquals", ["a", "b"], ["b"], false],
  ])("%s is, for %j against %j: %s", (operator, values, wanted, expected) => {
    const truth = evaluate({ [operator]: { key: wanted } }, { key: values });
    expect(truth).toBe(expected ? "satisfied" : "unsatisfied");
  });
});

describe("a condition block", () => {
  it("wants every operator and every key", () => {
    const context = { a: "1", b: "2" };
    expect(evaluate({ StringEquals: { a: ["1"], b: ["2"] }, Null: { c: ["true"] } }, context)).toBe(
      "satisfied",
    );
    expect(evaluate({ StringEquals: { a: ["1"], b: ["3"] } }, context)).toBe("unsatisfied");
    expect(evaluate({ StringEquals: { a: ["1"] }, StringLike: { b: ["3*"] } }, context)).toBe("unsatisfied");
  });

  it("is undetermined for an operator that IAM does not know, unless another part is not satisfied", () => {
    for (const operator of [
      "StringMatches",
      "ForSomeValue:StringEquals",
      "NullIfExists",
      "toString",
      "stringequals",
    ])
      expect(evaluate({ [operator]: { a: ["1"] } }, { a: "1" })).toBe("undetermined");
    expect(evaluate({ StringMatches: { a: ["1"] }, StringEquals: { a: ["2"] } }, { a: "1" })).toBe(
      "unsatisfied",
    );
  });

  it("lists the operators that IAM does not know", () => {
    const Condition = { StringMatches: { a: "1" }, StringEqualsIfExists: { a: "1" }, Null: { a: "true" } };
    const Statement = { Effect: "Allow", Action: "*", Resource: "*", Condition };
    expect(unknownOperators(parsePolicy({ Statement }, "identity"))).toEqual(["StringMatches"]);
  });
});

describe("policy variables", () => {
  const context = { "aws:username": "bob", "aws:tags": ["a", "b"], star: "*", value: "bob" };

  it.each<[string, string, boolean]>([
    ["StringEquals", "${aws:UserName}", true],
    ["StringEquals", "${aws:missing, 'bob'}", true],
    ["StringEquals", "${aws:missing}", false],
    ["StringEquals", "${aws:tags}", false],
    ["StringLike", "${star}", false],
    ["StringLike", "b${*}", false],
    ["StringLike", "b*", true],
    ["StringEquals", "${aws:username", false],
  ])("%s %j is, for bob: %s", (operator, wanted, expected) => {
    const truth = evaluate({ [operator]: { value: [wanted] } }, context);
    expect(truth).toBe(expected ? "satisfied" : "unsatisfied");
  });

  it("stand for the characters * ? and $ themselves", () => {
    const wanted = { StringLike: { value: ["${*}${?}${$}{x}"] } };
    expect(evaluate(wanted, { value: "*?${x}" })).toBe("satisfied");
  });

  it("have no meaning in a policy of version 2008-10-17", () => {
    const wanted = { StringEquals: { value: ["${aws:username}"] } };
    expect(evaluate(wanted, context, "2008-10-17")).toBe("unsatisfied");
    expect(evaluate(wanted, { value: "${aws:username}" }, "2008-10-17")).toBe("satisfied");
  });

  it("leave a negation undetermined when they have no value", () => {
    const wanted = { StringNotEquals: { value: ["${aws:missing}", "alice"] } };
    expect(evaluate(wanted, context)).toBe("undetermined");
    expect(evaluate(wanted, { value: "alice" })).toBe("unsatisfied");
  });
});
