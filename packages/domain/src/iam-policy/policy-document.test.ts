import { describe, expect, it } from "vitest";
import { MalformedPolicyError, type PolicyKind, parsePolicy } from "./policy-document.ts";

const allow = { Effect: "Allow", Action: "ecr:PutImage", Resource: "*" };
const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: "*" };

function problems(input: unknown, kind: PolicyKind = "identity"): readonly string[] {
  try {
    parsePolicy(input, kind);
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error.problems;
    throw error;
  }
  return [];
}

describe("parsePolicy", () => {
  it("reads text and objects, single values and lists alike", () => {
    const statement = { Effect: "Allow", Action: ["ecr:PutImage"], Resource: ["*"] };
    const expected = { Version: "2008-10-17", Statement: [statement] };
    expect(parsePolicy(JSON.stringify({ Statement: allow }), "identity")).toEqual(expected);
    expect(parsePolicy({ Statement: [allow] }, "identity")).toEqual(expected);
  });

  it("reads numbers and booleans of conditions as text", () => {
    const Condition = {
      Bool: { "aws:SecureTransport": true },
      NumericLessThan: { "s3:max-keys": [10, "20"] },
    };
    const { Statement } = parsePolicy({ Statement: { ...allow, Condition } }, "identity");
    expect(Statement[0]?.Condition).toEqual({
      Bool: { "aws:SecureTransport": ["true"] },
      NumericLessThan: { "s3:max-keys": ["10", "20"] },
    });
  });

  it.each<[string, unknown, PolicyKind, RegExp]>([
    ["text that is no JSON", "{", "identity", /^not valid JSON$/],
    ["no statement", {}, "identity", /^Statement: /],
    ["an empty action list", { Statement: { ...allow, Action: [] } }, "identity", /Action/],
    ["an unknown version", { Version: "2020-01-01", Statement: allow }, "identity", /^Version: /],
    ["an unknown key", { Statement: allow, Statements: [] }, "identity", /Unrecognized key: "Statements"/],
    ["an unknown key in a statement", { Statement: { ...allow, Actions: "*" } }, "identity", /"Actions"/],
    ["an unknown effect", { Statement: { ...allow, Effect: "allow" } }, "identity", /Effect|Allow/],
    [
      "an action without a service",
      { Statement: { ...allow, Action: "PutImage" } },
      "identity",
      /an action is/,
    ],
    [
      "a resource that is no ARN",
      { Statement: { ...allow, Resource: "queue" } },
      "identity",
      /a resource is/,
    ],
    [
      "both Action and NotAction",
      { Statement: { ...allow, NotAction: "ecr:*" } },
      "identity",
      /exactly one of Action/,
    ],
    ["neither", { Statement: { Effect: "Allow", Resource: "*" } }, "identity", /exactly one of Action/],
    [
      "both Resource and NotResource",
      { Statement: { ...allow, NotResource: "*" } },
      "identity",
      /both Resource/,
    ],
    ["no resource", { Statement: { Effect: "Allow", Action: "ecr:*" } }, "identity", /needs Resource/],
    [
      "a principal in an identity's policy",
      { Statement: { ...allow, Principal: "*" } },
      "identity",
      /no Principal/,
    ],
    [
      "a principal in a session policy",
      { Statement: { ...allow, Principal: "*" } },
      "session",
      /no Principal/,
    ],
    ["no principal in a resource's policy", { Statement: allow }, "resource", /exactly one of Principal/],
    ["two principals", { Statement: { ...trust, NotPrincipal: "*" } }, "trust", /exactly one of Principal/],
    ["an unknown principal", { Statement: { ...trust, Principal: { Aws: "*" } } }, "trust", /Principal/],
    [
      "two statements of one id",
      { Statement: [{ ...allow, Sid: "a" }, allow, allow, { ...allow, Sid: "a" }] },
      "identity",
      /^Statement\[3\]: has the Sid a of Statement\[0\]$/,
    ],
    ["a resource in a trust policy", { Statement: { ...trust, Resource: "*" } }, "trust", /no Resource/],
  ])("refuses %s", (_name, input, kind, message) => {
    expect(problems(input, kind).join("\n")).toMatch(message);
  });

  it("names the statement, and every problem", () => {
    const Statement = [allow, { Effect: "Allow", Principal: "*" }];
    expect(problems({ Statement })).toEqual([
      "Statement[1]: needs exactly one of Action and NotAction",
      "Statement[1]: needs Resource or NotResource",
      "Statement[1]: a policy of an identity has no Principal",
    ]);
  });
});
