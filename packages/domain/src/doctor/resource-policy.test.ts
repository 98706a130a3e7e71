import { expect, test } from "vitest";
import { checkResourcePolicy } from "./resource-policy.ts";

const owner = { name: "prod/web", account: "111122223333" };
const READ = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

function verdicts(...Statement: readonly object[]): readonly string[] {
  const text = JSON.stringify({ Version: "2012-10-17", Statement });
  return checkResourcePolicy(owner, { seen: text }).map(({ verdict }) => verdict);
}

const allow = (Principal: unknown, Action: unknown = READ, Condition?: object) => ({
  Effect: "Allow",
  Principal,
  Action,
  ...(Condition && { Condition }),
});
const org = (operator: string, value: unknown = "o-a1b2c3d4e5") => ({
  [operator]: { "aws:PrincipalOrgID": value },
});

test.each<[string, object, string]>([
  ["its own account", allow({ AWS: "arn:aws:iam::111122223333:root" }), "ok"],
  ["its own account by id", allow({ AWS: ["111122223333"] }, "ecr:*"), "ok"],
  ["nobody", { ...allow("*"), Effect: "Deny" }, "ok"],
  ["everybody", allow("*"), "problem"],
  ["everybody, written out", allow({ AWS: ["*"] }), "problem"],
  ["everybody but one", { Effect: "Allow", NotPrincipal: { AWS: "111122223333" }, Action: READ }, "problem"],
  ["another account to read", allow({ AWS: "arn:aws:iam::444455556666:root" }), "warning"],
  ["another account to push", allow({ AWS: "444455556666" }, "ecr:PutImage"), "warning"],
  ["another account to delete", allow({ AWS: "444455556666" }, "ecr:BatchDelete*"), "problem"],
  ["another account to do everything", allow({ AWS: "444455556666" }, "ecr:*"), "problem"],
  [
    "another account to do all but one thing",
    { ...allow({ AWS: "444455556666" }), Action: undefined, NotAction: "ecr:PutImage" },
    "problem",
  ],
  ["a role of another account", allow({ AWS: "arn:aws:iam::444455556666:role/ci" }), "warning"],
  ["the organisation", allow("*", READ, org("StringEquals")), "warning"],
  [
    "some organisation units",
    allow("*", READ, { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*" } }),
    "warning",
  ],
  ["the organisation to delete", allow("*", "ecr:BatchDeleteImage", org("StringEquals")), "problem"],
  ["whoever is in no organisation", allow("*", READ, org("StringEqualsIfExists")), "problem"],
  ["all but an organisation", allow("*", READ, org("StringNotEquals")), "problem"],
  ["any organisation", allow("*", READ, org("StringLike", "o-*")), "problem"],
  ["an organisation or any", allow("*", READ, org("StringLike", ["o-a1b2c3d4e5", "*"])), "problem"],
  [
    "whoever has all of no paths",
    allow("*", READ, { "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } }),
    "problem",
  ],
  [
    "an account by condition",
    allow("*", READ, { StringEquals: { "aws:PrincipalAccount": "444455556666" } }),
    "warning",
  ],
  [
    "a role of whatever account",
    allow("*", READ, { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/ci" } }),
    "problem",
  ],
  [
    "a role of one account",
    allow("*", READ, { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::444455556666:role/*" } }),
    "warning",
  ],
  [
    "whoever tags himself so",
    allow("*", READ, { StringEquals: { "aws:PrincipalTag/team": "shop" } }),
    "problem",
  ],
  [
    "whoever comes by an endpoint",
    allow("*", READ, { StringEquals: { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
    "warning",
  ],
  [
    "whoever comes by any address",
    allow("*", READ, { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }),
    "problem",
  ],
  [
    "whoever comes by an address",
    allow("*", READ, { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }),
    "warning",
  ],
  ["Lambda for anybody", allow({ Service: "lambda.amazonaws.com" }), "warning"],
  [
    "Lambda for one account",
    allow({ Service: "lambda.amazonaws.com" }, READ, {
      StringLike: { "aws:sourceArn": "arn:aws:lambda:us-east-1:444455556666:function:*" },
    }),
    "ok",
  ],
  [
    "Lambda for any account",
    allow({ Service: "lambda.amazonaws.com" }, READ, {
      StringLike: { "aws:sourceArn": "arn:aws:lambda:*:*:function:*" },
    }),
    "warning",
  ],
  ["an identity provider", allow({ Federated: "arn:aws:iam::444455556666:saml-provider/x" }), "warning"],
])("a policy that lets in %s is %s", (_, statement, verdict) => {
  expect(verdicts(statement)).toEqual([verdict]);
});

test("a Deny of everybody beyond the organisation narrows what an Allow gives to everybody", () => {
  const beyond = (Action: unknown) => ({
    Effect: "Deny",
    Principal: "*",
    Action,
    Condition: org("StringNotEquals"),
  });
  expect(verdicts(allow("*"), beyond("ecr:*"))).toEqual(["warning"]);
  expect(verdicts(allow("*"), beyond("ecr:PutImage"))).toEqual(["problem"]);
  expect(verdicts(allow("*"), { ...beyond("ecr:*"), Condition: org("StringNotLike", "*") })).toEqual([
    "problem",
  ]);
  expect(verdicts(allow("*"), { ...beyond("ecr:*"), Principal: { AWS: "444455556666" } })).toEqual([
    "problem",
  ]);
});

test("each statement that lets somebody in has its own finding, with its name", () => {
  const findings = checkResourcePolicy(owner, {
    seen: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        allow({ AWS: "111122223333" }),
        allow({ AWS: ["444455556666", "*"] }),
        { Sid: "CI", ...allow({ AWS: "444455556666" }) },
      ],
    }),
  });
  expect(findings.map(({ verdict, evidence }) => [verdict, evidence["statement"], evidence["with"]])).toEqual(
    [
      ["problem", "statement 2", "everybody"],
      ["warning", "statement 2", "account"],
      ["warning", "CI", "account"],
    ],
  );
});

test("no policy is fine; one that was not seen, or cannot be read, is not known", () => {
  const unseen = { action: "ecr:GetRepositoryPolicy", reason: "AccessDeniedException", refused: true };
  expect(checkResourcePolicy(owner, { seen: undefined })).toMatchObject([{ verdict: "ok" }]);
  expect(checkResourcePolicy(owner, { seen: "{" })).toMatchObject([{ verdict: "unknown" }]);
  expect(checkResourcePolicy(owner, { unseen })).toMatchObject([
    { verdict: "unknown", remedy: expect.stringContaining("ecr:GetRepositoryPolicy") },
  ]);
});
