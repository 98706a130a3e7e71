import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountsOfPolicy } from "./accounts-of-policy.ts";

const ARN = "arn:aws:ecr:us-east-1:111122223333:repository/prod/web";
const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

const accounts = (...statements: object[]) =>
  accountsOfPolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), ARN);
const allow = (rest: object) => ({ Effect: "Allow", Action: PULL, ...rest });
const B = "444455556666";
const C = "777788889999";

describe("principals that may pull are told by their account:", () => {
  test.each<[string, object, readonly string[]]>([
    ["an account's id", { AWS: B }, [B]],
    ["an account's root", { AWS: `arn:aws:iam::${B}:root` }, [B]],
    ["a role, in another partition", { AWS: `arn:aws-cn:iam::${B}:role/path/deploy` }, [B]],
    ["a session", { AWS: `arn:aws:sts::${B}:assumed-role/deploy/me` }, [B]],
    ["several, each once", { AWS: [C, `arn:aws:iam::${B}:root`, `arn:aws:iam::${B}:user/me`] }, [B, C]],
    ["everyone", { AWS: "*" }, ["*"]],
    ["everyone among others", { AWS: [B, "*"] }, ["*", B]],
    ["a role that was deleted since", { AWS: ["AROAIIAIIAIIAIIAIIAII", B] }, [B]],
    ["a service, for whoever it works", { Service: "codebuild.amazonaws.com" }, ["*"]],
    ["people from outside", { Federated: "cognito-identity.amazonaws.com" }, ["*"]],
    [
      "a canonical user",
      { CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" },
      ["*"],
    ],
    ["a name that nobody knows", { AWS: "somebody" }, ["*"]],
    ["an ARN with a wildcard for an account", { AWS: "arn:aws:iam::*:root" }, ["*"]],
  ])("%s", (_, Principal, expected) => {
    expect(accounts(allow({ Principal }))).toEqual(expected);
  });

  test("everyone as a mere star, and everybody but somebody", () => {
    expect(accounts(allow({ Principal: "*" }))).toEqual(["*"]);
    expect(accounts(allow({ NotPrincipal: { AWS: B } }))).toEqual(["*"]);
  });
});

describe("anyone is confined", () => {
  const lambda = { Service: "lambda.amazonaws.com" };
  const functions = `arn:aws:lambda:us-east-1:${B}:function:*`;
  test.each<[string, object, object, readonly string[]]>([
    ["by the function's ARN", lambda, { StringLike: { "aws:sourceArn": functions } }, [B]],
    ["by the source's account", lambda, { StringEquals: { "AWS:SourceAccount": [B, C] } }, [B, C]],
    ["by the principal's account", { AWS: "*" }, { StringEquals: { "aws:PrincipalAccount": B } }, [B]],
    [
      "by the principal's ARN",
      { AWS: "*" },
      { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${B}:role/ci-*` } },
      [B],
    ],
    [
      "by one of several conditions",
      { AWS: "*" },
      {
        StringEquals: { "aws:PrincipalOrgID": "o-1", "aws:PrincipalAccount": B },
        Bool: { "aws:SecureTransport": "true" },
      },
      [B],
    ],
  ])("%s", (_, Principal, Condition, expected) => {
    expect(accounts(allow({ Principal, Condition }))).toEqual(expected);
  });

  test.each<[string, object]>([
    ["to an organisation, whose accounts are not known", { StringEquals: { "aws:PrincipalOrgID": "o-1" } }],
    ["by a condition that is met without the key", { StringEqualsIfExists: { "aws:SourceAccount": B } }],
    ["by what is not so", { StringNotEquals: { "aws:PrincipalAccount": B } }],
    ["by a pattern of accounts", { StringLike: { "aws:PrincipalAccount": "4444*" } }],
    ["by a list of which one is a pattern", { StringLike: { "aws:PrincipalAccount": [B, "*"] } }],
    ["by an ARN of any account", { ArnLike: { "aws:SourceArn": "arn:aws:lambda:*:*:function:*" } }],
    ["by each of several values", { "ForAllValues:StringEquals": { "aws:PrincipalAccount": B } }],
    ["by a tag that looks like an account", { StringEquals: { "aws:PrincipalTag/cost-center": B } }],
    ["by where it comes from", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }],
    ["by a value that is none", { StringEquals: { "aws:PrincipalAccount": { a: B } } }],
  ])("not %s", (_, Condition) => {
    expect(accounts(allow({ Principal: "*", Condition }))).toEqual(["*"]);
  });

  test("a named account stays named, whatever the condition says", () => {
    const Condition = { StringEquals: { "aws:PrincipalAccount": C } };
    expect(accounts(allow({ Principal: { AWS: B }, Condition }))).toEqual([B]);
  });
});

describe("a statement counts", () => {
  test.each<[string, object, boolean]>([
    ["that allows everything", { Action: "*" }, true],
    ["that allows everything of ECR", { Action: ["ECR:*"] }, true],
    ["that allows manifests alone", { Action: "ecr:batchgetimage" }, true],
    ["that allows layers alone", { Action: "ecr:GetDownloadUrl*" }, true],
    ["that allows to look", { Action: ["ecr:DescribeImages", "ecr:ListImages"] }, false],
    ["that allows all but to push", { Action: undefined, NotAction: "ecr:PutImage" }, true],
    ["that allows all but to pull", { Action: undefined, NotAction: PULL }, false],
    ["that denies", { Effect: "Deny" }, false],
    ["about this repository", { Resource: ARN }, true],
    ["about repositories of which it is one", { Resource: ["arn:aws:ecr:*:*:repository/prod/*"] }, true],
    [
      "about whatever a variable becomes",
      { Resource: "arn:aws:ecr:*:*:repository/${aws:PrincipalTag/team}/*" },
      true,
    ],
    [
      "about another repository",
      { Resource: "arn:aws:ecr:us-east-1:111122223333:repository/prod/api" },
      false,
    ],
    ["about all but some", { NotResource: ARN }, true],
  ])("%s", (_, rest, counts) => {
    expect(accounts(allow({ Principal: { AWS: B }, ...rest }))).toEqual(counts ? [B] : []);
  });
});

test.each<[string, string]>([
  ["not JSON", "{"],
  ["no policy", "[]"],
  ["without statements", "{}"],
  [
    "with an effect that nobody knows",
    JSON.stringify({ Statement: allow({ Effect: "Maybe", Principal: "*" }) }),
  ],
  ["with a principal of another shape", JSON.stringify({ Statement: allow({ Principal: 7 }) })],
])("a policy that is %s lets anyone pull, for all that is known", (_, policy) => {
  expect(accountsOfPolicy(policy, ARN)).toEqual(["*"]);
});

test("one statement need not be a list, and a policy without statements lets nobody pull", () => {
  const policy = { Statement: allow({ Principal: { AWS: B } }) };
  expect(accountsOfPolicy(JSON.stringify(policy), ARN)).toEqual([B]);
  expect(accounts()).toEqual([]);
});

test("every text is answered, by accounts or by anyone", () => {
  const principal = fc.oneof(fc.constant(B), fc.string(), fc.constant(`arn:aws:iam::${C}:root`));
  fc.assert(
    fc.property(fc.array(principal), fc.string(), (AWS, action) => {
      const found = accounts(allow({ Principal: { AWS }, Action: ["ecr:*", action] }));
      for (const account of found) expect(account).toMatch(/^(\*|\d{12})$/);
      if (AWS.includes(B)) expect(found).toContain(B);
    }),
  );
});
