// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LookedPolicy } from "./facts.ts";
import { type JudgedAccess, judgeAccess } from "./judge-access.ts";

const ARN = "arn:aws:iam::111122223333:role/web";
const REPOSITORY = "arn:aws:ecr:us-east-1:111122223333:repository/prod/web";
const refusedToLook = {
  action: "iam:GetRolePolicy",
  reason: "iam:GetRolePolicy: AccessDenied",
  refused: true,
};

function policy(name: string, ...Statement: readonly object[]): LookedPolicy {
  return { name, document: { seen: { Version: "2012-10-17", Statement } } };
}

const unseen: LookedPolicy = { name: "unseen", document: { unseen: refusedToLook } };
const pull = { Effect: "Allow", Action: "ecr:BatchGetImage", Resource: "*" };
const fromVpc = { StringEquals: { "aws:SourceVpce": "vpce-1" } };

function judged(given: Partial<JudgedAccess>) {
  return judgeAccess({
    question: {
      caller: { account: "111122223333", arn: "arn:aws:sts::111122223333:assumed-role/web/task" },
      roleArn: ARN,
      action: "ecr:BatchGetImage",
      resource: REPOSITORY,
      resourceAccount: "111122223333",
    },
    known: {
      values: { "aws:principalarn": ARN, "aws:principaltag/team": "shop" },
      absent: ["aws:principaltag/"],
    },
    identity: [],
    ...given,
  });
}

describe("what is known decides", () => {
  test.each<[string, Partial<JudgedAccess>, object]>([
    ["nothing allows", {}, { verdict: "refused", source: "identity", denials: [] }],
    ["a policy allows", { identity: [policy("p", pull)] }, { verdict: "allowed", by: ["p, statement 1"] }],
    [
      "one allows and another denies",
      { identity: [policy("p", pull), policy("q", pull, { ...pull, Sid: "No", Effect: "Deny" })] },
      { verdict: "refused", source: "identity", denials: ["q, statement No"] },
    ],
    [
      "the boundary is silent",
      { identity: [policy("p", pull)], boundary: policy("b", { ...pull, Action: "s3:*" }) },
      { verdict: "refused", source: "boundary" },
    ],
    [
      "a condition on a known key holds",
      {
        identity: [
          policy("p", { ...pull, Condition: { StringEquals: { "aws:PrincipalTag/team": "shop" } } }),
        ],
      },
      { verdict: "allowed" },
    ],
    [
      "a condition on a key that is surely absent",
      { identity: [policy("p", { ...pull, Condition: { StringEquals: { "aws:PrincipalTag/unit": "x" } } })] },
      { verdict: "refused" },
    ],
  ])("when %s", (_, given, expected) => {
    expect(judged(given)).toMatchObject(expected);
  });
});

describe("what is not known leaves it open, unless it makes no difference", () => {
  test.each<[string, Partial<JudgedAccess>, object]>([
    [
      "the only Allow depends on a key that nobody knows",
      { identity: [policy("p", { ...pull, Condition: fromVpc })] },
      { verdict: "unknown", keys: ["aws:sourcevpce"], unseen: [] },
    ],
    [
      "another statement allows without it",
      { identity: [policy("p", { ...pull, Condition: fromVpc }, pull)] },
      { verdict: "allowed" },
    ],
    [
      "a Deny depends on it",
      { identity: [policy("p", pull, { ...pull, Effect: "Deny", Condition: fromVpc })] },
      { verdict: "unknown", keys: ["aws:sourcevpce"] },
    ],
    [
      "a Deny on something else depends on it",
      { identity: [policy("p", pull, { ...pull, Effect: "Deny", Action: "s3:*", Condition: fromVpc })] },
      { verdict: "allowed" },
    ],
    [
      "of two conditions the known one fails",
      {
        identity: [
          policy("p", {
            ...pull,
            Condition: { StringEquals: { "aws:PrincipalTag/team": "x", "aws:SourceVpce": "y" } },
          }),
        ],
      },
      { verdict: "refused" },
    ],
    [
      "a resource is named by an unknown variable",
      { identity: [policy("p", { ...pull, Resource: "arn:aws:ecr:*:*:repository/${aws:SourceVpc}/*" })] },
      { verdict: "unknown", keys: ["aws:sourcevpc"] },
    ],
    [
      "a resource is named by a known variable",
      {
        identity: [
          policy("p", { ...pull, Resource: "arn:aws:ecr:*:*:repository/${aws:PrincipalTag/team}/*" }),
        ],
      },
      { verdict: "refused" },
    ],
    [
      "what a known key is compared with is an unknown variable",
      {
        identity: [
          policy("p", {
            ...pull,
            Condition: { StringEquals: { "aws:PrincipalTag/team": "${aws:SourceVpc}" } },
          }),
        ],
      },
      { verdict: "unknown", keys: ["aws:sourcevpc"] },
    ],
    ["a policy was not seen", { identity: [unseen] }, { verdict: "unknown", unseen: [refusedToLook] }],
    [
      "one allows, and what was not seen could deny",
      { identity: [policy("p", pull), unseen] },
      { verdict: "unknown", unseen: [refusedToLook], keys: [] },
    ],
    [
      "one denies, whatever was not seen",
      { identity: [policy("p", { ...pull, Effect: "Deny" }), unseen] },
      { verdict: "refused", denials: ["p, statement 1"] },
    ],
    [
      "the boundary was not seen, and nothing would allow anyway",
      { boundary: unseen },
      { verdict: "refused", source: "identity" },
    ],
    [
      "a policy cannot be read",
      { identity: [{ name: "odd", document: { seen: "{" } }] },
      {
        verdict: "unknown",
        unseen: [expect.objectContaining({ reason: "odd cannot be read: not valid JSON" })],
      },
    ],
  ])("when %s", (_, given, expected) => {
    expect(judged(given)).toMatchObject(expected);
  });
});

const KEYS = ["aws:sourcevpce", "aws:sourceip"] as const;
const value = fc.constantFrom("a", "b");
const condition = fc.record(
  Object.fromEntries(
    ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null"].map((operator) => [
      operator,
      fc.dictionary(
        fc.constantFrom(...KEYS),
        operator === "Null" ? fc.constantFrom("true", "false") : value,
        { maxKeys: 2 },
      ),
    ]),
  ),
  { requiredKeys: [] },
);
const statement = fc.record({
  Effect: fc.constantFrom("Allow", "Allow", "Deny"),
  Action: fc.constantFrom("ecr:BatchGetImage", "ecr:*", "s3:*"),
  Resource: fc.constantFrom(
    "*",
    "arn:aws:ecr:*:*:repository/${aws:SourceVpce}/*",
    "arn:aws:ecr:*:*:repository/prod/*",
  ),
  Condition: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, condition),
});
const answers = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 2 });

test("an answer that is given without knowing a key is the same whatever the key says, or when it is absent", () => {
  const met = { allowed: 0, refused: 0, unknown: 0 };
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), answers, (statements, values) => {
      const identity = [policy("p", ...statements)];
      const before = judged({ identity });
      met[before.verdict]++;
      const after = judged({ identity, known: { values, absent: [...KEYS] } });
      expect(after.verdict).not.toBe("unknown");
      if (before.verdict !== "unknown") expect(after.verdict).toBe(before.verdict);
    }),
    { numRuns: 2_000 },
  );
  for (const times of Object.values(met)) expect(times).toBeGreaterThan(200);
});
