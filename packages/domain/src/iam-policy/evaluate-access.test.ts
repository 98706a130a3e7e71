// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import { describe, expect, it } from "vitest";
import { type AccessPolicies, type AccessQuestion, evaluateAccess } from "./evaluate-access.ts";
import { type PolicyKind, parsePolicy } from "./policy-document.ts";

const own = "111122223333";
const other = "444455556666";
const userArn = `arn:aws:iam::${own}:user/carlos`;
const roleArn = `arn:aws:iam::${own}:role/app`;
const sessionArn = `arn:aws:sts::${own}:assumed-role/app/one`;
const image = `arn:aws:ecr:us-east-1:${own}:repository/prod/web`;
const ecr = { Action: "ecr:*", Resource: "*" };

type Statements = Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];

function policy(statements: Statements, kind: PolicyKind) {
  return { name: kind, document: parsePolicy({ Version: "2012-10-17", Statement: statements }, kind) };
}

type Given = {
  identity?: Statements;
  boundary?: Statements;
  session?: Statements;
  resource?: Statements;
  trust?: Statements;
};

function policies({ identity, boundary, session, resource, trust }: Given): AccessPolicies {
  return {
    identity: identity ? [policy(identity, "identity")] : [],
    ...(boundary && { boundary: policy(boundary, "identity") }),
    ...(session && { session: [policy(session, "session")] }),
    ...(resource && { resource: [policy(resource, "resource")] }),
    ...(trust && { trust: policy(trust, "trust") }),
  };
}

function aQuestion(overrides: Partial<AccessQuestion> = {}): AccessQuestion {
  return {
    caller: { account: own, arn: userArn },
    action: "ecr:PutImage",
    resource: image,
    resourceAccount: own,
    context: {},
    ...overrides,
  };
}

const session = { caller: { account: own, arn: sessionArn } };
const allow = (element: object) => ({ Effect: "Allow", ...element });
const deny = (element: object) => ({ Effect: "Deny", ...element });
const grant = (Principal: unknown, element: object = ecr) => ({ Effect: "Allow", Principal, ...element });

function isAllowed(question: Partial<AccessQuestion>, given: Given): boolean {
  return evaluateAccess(aQuestion(question), policies(given)).allowed;
}

// The worked example of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
describe("AWS's example: Carlos Salazar's own policy and the policy of his bucket", () => {
  const identity = [
    allow({
      Sid: "AllowS3ListRead",
      Action: ["s3:GetBucketLocation", "s3:ListAllMyBuckets"],
      Resource: "arn:aws:s3:::*",
    }),
    allow({
      Sid: "AllowS3Self",
      Action: "s3:*",
      Resource: ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"],
    }),
    deny({ Sid: "DenyS3Logs", Action: "s3:*", Resource: "arn:aws:s3:::*log*" }),
  ];
  const resource = [
    grant(
      { AWS: userArn },
      { Action: "s3:*", Resource: ["arn:aws:s3:::shared/*", "arn:aws:s3:::log-archive/*"] },
    ),
  ];

  it.each([
    ["s3:ListAllMyBuckets", "arn:aws:s3:::any", true],
    ["s3:PutObject", "arn:aws:s3:::carlossalazar/file.txt", true],
    ["s3:PutObject", "arn:aws:s3:::carlossalazar/log.txt", false],
    ["s3:PutObject", "arn:aws:s3:::another/file.txt", false],
    ["s3:PutObject", "arn:aws:s3:::shared/file.txt", true],
    ["s3:GetObject", "arn:aws:s3:::log-archive/file.txt", false],
  ])("%s on %s is allowed: %s", (action, resourceArn, expected) => {
    expect(isAllowed({ action, resource: resourceArn }, { identity, resource })).toBe(expected);
  });
});

describe("within one account", () => {
  it.each<[string, Given, boolean]>([
    ["nothing allows", {}, false],
    ["the user's policy allows", { identity: allow(ecr) }, true],
    ["the resource names the user", { resource: grant({ AWS: userArn }) }, true],
    ["the resource names everyone", { resource: grant("*") }, true],
    ["the resource names another user", { resource: grant({ AWS: `${userArn}2` }) }, false],
    ["the resource names the account: its own policies decide", { resource: grant({ AWS: own }) }, false],
    [
      "the resource names the account, the user's policy allows",
      { identity: allow(ecr), resource: grant({ AWS: own }) },
      true,
    ],
    [
      "the resource denies",
      { identity: allow(ecr), resource: { Effect: "Deny", Principal: "*", ...ecr } },
      false,
    ],
    ["the user's policy denies", { identity: [allow(ecr), deny(ecr)], resource: grant("*") }, false],
  ])("decides about a user when %s", (_name, given, expected) => {
    expect(isAllowed({}, given)).toBe(expected);
  });

  // "Resource-based policies that grant permissions to an IAM role ARN are limited by an implicit deny in a session policy";
  // those that name the session, or everyone, are not.
  const silent = allow({ Action: "s3:*", Resource: "*" });
  it.each<[string, Given, boolean]>([
    ["the role allows", { identity: allow(ecr) }, true],
    ["role and session policy allow", { identity: allow(ecr), session: allow(ecr) }, true],
    ["the session policy alone allows", { session: allow(ecr) }, false],
    ["the role alone allows", { identity: allow(ecr), session: silent }, false],
    ["the resource names the role", { resource: grant({ AWS: roleArn }) }, true],
    [
      "the resource names the role, the session policy is silent",
      { resource: grant({ AWS: roleArn }), session: silent },
      false,
    ],
    [
      "the resource names the session, its policy is silent",
      { resource: grant({ AWS: sessionArn }), session: silent },
      true,
    ],
    [
      "the resource names everyone, the session policy is silent",
      { resource: grant("*"), session: silent },
      true,
    ],
    [
      "the resource names the session, its policy denies",
      { resource: grant({ AWS: sessionArn }), session: deny(ecr) },
      false,
    ],
    ["the resource names another session", { resource: grant({ AWS: `${sessionArn}2` }) }, false],
  ])("decides about a role's session when %s", (_name, given, expected) => {
    expect(isAllowed(session, given)).toBe(expected);
  });

  it("knows a role with a path by its ARN", () => {
    const withPath = `arn:aws:iam::${own}:role/service/app`;
    const resource = grant({ AWS: withPath });
    expect(isAllowed({ ...session, roleArn: withPath }, { resource })).toBe(true);
    expect(isAllowed(session, { resource })).toBe(false);
  });
});

describe("between two accounts", () => {
  const asked = { resourceAccount: other };
  it.each<[string, Given, boolean]>([
    ["the caller's policy alone allows", { identity: allow(ecr) }, false],
    ["the resource alone allows, even by name", { resource: grant({ AWS: userArn }) }, false],
    ["the resource alone allows everyone", { resource: grant("*") }, false],
    ["both allow", { identity: allow(ecr), resource: grant({ AWS: userArn }) }, true],
    [
      "the resource names the account by ARN",
      { identity: allow(ecr), resource: grant({ AWS: `arn:aws:iam::${own}:root` }) },
      true,
    ],
    [
      "the resource names the account by number",
      { identity: allow(ecr), resource: grant({ AWS: [other, own] }) },
      true,
    ],
    ["the resource names its own account", { identity: allow(ecr), resource: grant({ AWS: other }) }, false],
  ])("decides when %s", (_name, given, expected) => {
    expect(isAllowed(asked, given)).toBe(expected);
  });

  it("wants the session policy to allow as well", () => {
    const both = { identity: allow(ecr), resource: grant({ AWS: sessionArn }) };
    expect(isAllowed({ ...session, ...asked }, { ...both, session: allow(ecr) })).toBe(true);
    const session2 = allow({ Action: "s3:*", Resource: "*" });
    expect(isAllowed({ ...session, ...asked }, { ...both, session: session2 })).toBe(false);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: a boundary bounds what identity policies
// give, and what a resource gives to a role; not what a resource gives to a user or a session by name.
describe("a permissions boundary", () => {
  const silent = allow({ Action: "s3:*", Resource: "*" });
  it.each<[string, Partial<AccessQuestion>, Given, boolean]>([
    ["allows nothing by itself", {}, { boundary: allow(ecr) }, false],
    ["lets pass what it allows", {}, { identity: allow(ecr), boundary: allow(ecr) }, true],
    ["that is silent refuses", {}, { identity: allow(ecr), boundary: silent }, false],
    ["that denies refuses", {}, { identity: allow(ecr), boundary: [allow(ecr), deny(ecr)] }, false],
    ["does not bound what names the user", {}, { resource: grant({ AWS: userArn }), boundary: silent }, true],
    [
      "bounds what names the account",
      {},
      { identity: allow(ecr), resource: grant({ AWS: own }), boundary: silent },
      false,
    ],
    ["bounds what names the role", session, { resource: grant({ AWS: roleArn }), boundary: silent }, false],
    [
      "does not bound what names the session",
      session,
      { resource: grant({ AWS: sessionArn }), boundary: silent },
      true,
    ],
    [
      "denies even what names the user",
      {},
      { resource: grant({ AWS: userArn }), boundary: deny(ecr) },
      false,
    ],
    [
      "and a session policy must both allow",
      session,
      { identity: allow(ecr), boundary: allow(ecr), session: silent },
      false,
    ],
    [
      "must allow between accounts too",
      { resourceAccount: other },
      { identity: allow(ecr), resource: grant({ AWS: userArn }), boundary: silent },
      false,
    ],
    [
      "that allows is no obstacle between accounts",
      { resourceAccount: other },
      { identity: allow(ecr), resource: grant({ AWS: userArn }), boundary: allow(ecr) },
      true,
    ],
  ])("%s", (_name, question, given, expected) => {
    expect(isAllowed(question, given)).toBe(expected);
  });
});

describe("a service", () => {
  const service = { account: own, arn: "events.amazonaws.com", service: "events.amazonaws.com" };
  const queue = `arn:aws:sqs:us-east-1:${own}:Q`;
  const rule = `arn:aws:events:us-east-1:${own}:rule/R`;
  const resource = grant(
    { Service: "events.amazonaws.com" },
    { Action: "sqs:SendMessage", Resource: queue, Condition: { ArnEquals: { "aws:SourceArn": rule } } },
  );
  const asked = { caller: service, action: "sqs:SendMessage", resource: queue };

  it("needs the resource's policy and its conditions", () => {
    expect(isAllowed({ ...asked, context: { "aws:sourcearn": rule } }, { resource })).toBe(true);
    expect(isAllowed({ ...asked, context: { "aws:sourcearn": `${rule}2` } }, { resource })).toBe(false);
    expect(isAllowed(asked, { resource })).toBe(false);
    expect(isAllowed({ ...asked, context: { "aws:sourcearn": rule } }, {})).toBe(false);
  });

  it("is not another service, nor the account that it acts for", () => {
    const context = { "aws:sourcearn": rule };
    const lambda = { ...service, service: "lambda.amazonaws.com" };
    expect(isAllowed({ ...asked, caller: lambda, context }, { resource })).toBe(false);
    const byAccount = grant({ AWS: own }, { Action: "sqs:*" });
    expect(isAllowed({ ...asked, context }, { resource: byAccount })).toBe(false);
  });
});

describe("a role's trust policy", () => {
  const assume = { Action: "sts:AssumeRole" };
  const asked = { action: "sts:AssumeRole", resource: `arn:aws:iam::${own}:role/target` };
  const mayAssume = allow({ ...assume, Resource: "*" });
  it.each<[string, Given, boolean]>([
    ["names the user", { trust: grant({ AWS: userArn }, assume) }, true],
    ["names the account", { trust: grant({ AWS: own }, assume) }, false],
    [
      "names the account and the user may assume",
      { identity: mayAssume, trust: grant({ AWS: own }, assume) },
      true,
    ],
    [
      "names another, though the user may assume",
      { identity: mayAssume, trust: grant({ AWS: other }, assume) },
      false,
    ],
    [
      "names the user, whose policy denies",
      { identity: deny({ ...assume, Resource: "*" }), trust: grant({ AWS: userArn }, assume) },
      false,
    ],
  ])("decides when it %s", (_name, given, expected) => {
    expect(isAllowed(asked, given)).toBe(expected);
  });
});

describe("elements of a statement", () => {
  it.each<[string, Statements, Partial<AccessQuestion>, boolean]>([
    ["NotAction allows the rest", allow({ NotAction: "iam:*", Resource: "*" }), {}, true],
    ["NotAction leaves out", allow({ NotAction: ["iam:*", "ECR:put*"], Resource: "*" }), {}, false],
    ["NotResource allows the rest", allow({ Action: "*", NotResource: "arn:aws:s3:::*" }), {}, true],
    [
      "NotResource leaves out",
      allow({ Action: "*", NotResource: "arn:aws:ecr:*:*:repository/prod/*" }),
      {},
      false,
    ],
    [
      "a resource tells upper from lower case",
      allow({ Action: "*", Resource: image.replace("web", "Web") }),
      {},
      false,
    ],
    [
      "a variable in a resource",
      allow({ Action: "*", Resource: "arn:aws:ecr:*:${aws:PrincipalAccount}:*" }),
      { context: { "aws:principalaccount": own } },
      true,
    ],
    [
      "a variable without a value",
      allow({ Action: "*", Resource: "arn:aws:ecr:*:${aws:PrincipalAccount}:*" }),
      {},
      false,
    ],
    [
      "a variable without a value in NotResource",
      allow({ Action: "*", NotResource: "arn:aws:s3:::${aws:username}" }),
      {},
      false,
    ],
    [
      "an unknown operator in an Allow",
      allow({ ...ecr, Condition: { StringMatches: { a: "b" } } }),
      { context: { a: "b" } },
      false,
    ],
    [
      "an unknown operator in a Deny",
      [allow(ecr), deny({ ...ecr, Condition: { StringMatches: { a: "b" } } })],
      {},
      false,
    ],
    [
      "a condition that fails in a Deny",
      [allow(ecr), deny({ ...ecr, Condition: { Bool: { a: "true" } } })],
      {},
      true,
    ],
  ])("%s", (_name, identity, question, expected) => {
    expect(isAllowed(question, { identity })).toBe(expected);
  });

  // AWS: "When you use NotPrincipal with Deny, you must also specify the account ARN of the not-denied principal."
  const root = `arn:aws:iam::${own}:root`;
  it.each<[string, readonly string[], Partial<AccessQuestion>, boolean]>([
    ["user and account", [userArn, root], {}, true],
    ["user only", [userArn], {}, false],
    ["another user", [`${userArn}2`, root], {}, false],
    ["session, role and account", [sessionArn, roleArn, root], session, true],
    ["role and account", [roleArn, root], session, false],
    ["everyone", ["*"], {}, true],
  ])("a Deny with NotPrincipal spares %s: it lists them", (_name, AWS, question, expected) => {
    const resource = { Effect: "Deny", NotPrincipal: { AWS }, ...ecr };
    expect(isAllowed(question, { identity: allow(ecr), resource })).toBe(expected);
  });

  it("an Allow with NotPrincipal is for whom it does not name in any way", () => {
    const resource = (NotPrincipal: unknown) => ({ Effect: "Allow", NotPrincipal, ...ecr });
    expect(isAllowed({}, { resource: resource({ AWS: other }) })).toBe(true);
    expect(isAllowed({}, { resource: resource({ AWS: own }) })).toBe(false);
    const service = { account: own, arn: "events.amazonaws.com", service: "events.amazonaws.com" };
    expect(isAllowed({ caller: service }, { resource: resource({ Service: service.service }) })).toBe(false);
  });
});

describe("what a decision says", () => {
  const start = `User: ${userArn} is not authorized to perform: ecr:PutImage on resource: ${image}`;
  it.each<[string, Given, Partial<AccessQuestion>, string]>([
    [
      "no identity-based policy",
      {},
      {},
      `${start} because no identity-based policy allows the ecr:PutImage action`,
    ],
    [
      "no resource-based policy",
      { identity: allow(ecr) },
      { resourceAccount: other },
      `${start} because no resource-based policy allows the ecr:PutImage action`,
    ],
    [
      "no session policy",
      { identity: allow(ecr), session: allow({ Action: "s3:*", Resource: "*" }) },
      {},
      `${start} because no session policy allows the ecr:PutImage action`,
    ],
    [
      "no permissions boundary",
      { identity: allow(ecr), boundary: allow({ Action: "s3:*", Resource: "*" }) },
      {},
      `${start} because no permissions boundary allows the ecr:PutImage action`,
    ],
    [
      "a deny of the boundary",
      { identity: allow(ecr), boundary: deny(ecr) },
      {},
      `${start} with an explicit deny in a permissions boundary`,
    ],
    [
      "no role trust policy",
      { trust: grant("*", { Action: "sts:AssumeRole" }) },
      {},
      `${start} because no role trust policy allows the ecr:PutImage action`,
    ],
    [
      "a deny of the identity",
      { identity: deny(ecr) },
      {},
      `${start} with an explicit deny in an identity-based policy`,
    ],
    [
      "a deny of the resource",
      { resource: { Effect: "Deny", Principal: "*", ...ecr } },
      {},
      `${start} with an explicit deny in a resource-based policy`,
    ],
    [
      "a deny of the session",
      { identity: allow(ecr), session: deny(ecr) },
      {},
      `${start} with an explicit deny in a session policy`,
    ],
  ])("in AWS's words: %s", (_name, given, question, message) => {
    const decision = evaluateAccess(aQuestion(question), policies(given));
    expect(decision).toMatchObject({ allowed: false, explicitDeny: message.includes("explicit"), message });
  });

  it("names the statements that allow, or else those that deny", () => {
    const given = { identity: [allow({ Action: "s3:*", Resource: "*" }), allow(ecr)], resource: grant("*") };
    const allowed = evaluateAccess(aQuestion(), policies(given));
    expect(allowed.statements).toMatchObject([
      { source: "identity", policy: "identity", index: 1 },
      { source: "resource", policy: "resource", index: 0 },
    ]);
    const denied = evaluateAccess(aQuestion(), policies({ identity: [allow(ecr), deny(ecr)] }));
    expect(denied.statements).toMatchObject([{ source: "identity", index: 1 }]);
  });

  it("reports an operator that it does not know", () => {
    const identity = allow({ ...ecr, Condition: { StringMatches: { a: "b" } } });
    expect(evaluateAccess(aQuestion(), policies({ identity })).problems).toEqual([
      "identity policy identity: unknown condition operator StringMatches",
    ]);
  });
});
