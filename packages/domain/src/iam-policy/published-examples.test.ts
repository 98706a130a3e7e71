// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import { describe, expect, it } from "vitest";
import { type AccessQuestion, evaluateAccess } from "./evaluate-access.ts";
import { type PolicyKind, parsePolicy } from "./policy-document.ts";

const own = "111122223333";
const other = "444455556666";
const user = (name: string, account = own) => ({ account, arn: `arn:aws:iam::${account}:user/${name}` });
const repository = `arn:aws:ecr:us-east-1:${own}:repository/my-repo`;

type Example = { readonly identity?: readonly object[]; readonly resource?: readonly object[] };

function isAllowed(asked: Partial<AccessQuestion>, { identity = [], resource }: Example): boolean {
  const question = {
    caller: user("any"),
    action: "",
    resource: repository,
    resourceAccount: own,
    context: {},
    ...asked,
  };
  const policies = {
    identity: named(identity, "identity"),
    ...(resource && { resource: named(resource, "resource") }),
  };
  return evaluateAccess(question, policies).allowed;
}
function named(Statement: readonly object[], kind: PolicyKind) {
  if (Statement.length === 0) return [];
  return [{ name: kind, document: parsePolicy({ Version: "2012-10-17", Statement }, kind) }];
}

const push = [
  "BatchCheckLayerAvailability",
  "CompleteLayerUpload",
  "InitiateLayerUpload",
  "PutImage",
  "UploadLayerPart",
];
const pull = ["BatchGetImage", "GetDownloadUrlForLayer"];
const ecr = (names: readonly string[]) => names.map((name) => `ecr:${name}`);

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
describe("AWS's example across accounts: Carlos and the bucket Production", () => {
  const carlos = { account: "111111111111", arn: "arn:aws:iam::111111111111:user/carlossalazar" };
  const identity = [
    { Sid: "AllowS3ListRead", Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" },
    {
      Sid: "AllowS3ProductionObjectActions",
      Effect: "Allow",
      Action: "s3:*Object*",
      Resource: "arn:aws:s3:::Production/*",
    },
    {
      Sid: "DenyS3Logs",
      Effect: "Deny",
      Action: "s3:*",
      Resource: ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"],
    },
  ];
  const production = [
    {
      Effect: "Allow",
      Action: ["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"],
      Principal: { AWS: carlos.arn },
      Resource: "arn:aws:s3:::Production/*",
    },
  ];

  it.each([
    [
      "saves a file to Production-logs, which has no policy",
      "s3:PutObject",
      "Production-logs/file",
      undefined,
      false,
    ],
    ["saves a file to Production", "s3:PutObject", "Production/file", production, true],
    ["reads a file there", "s3:GetObjectVersion", "Production/file", production, true],
    ["deletes one there", "s3:DeleteObject", "Production/file", production, false],
    ["manages the bucket", "s3:PutBucketPolicy", "Production", production, false],
    ["saves a log there, which his own policy denies", "s3:PutObject", "Production/log", production, false],
  ])("%s: %s on %s", (_name, action, bucket, resource, expected) => {
    const asked = {
      caller: carlos,
      action,
      resource: `arn:aws:s3:::${bucket}`,
      resourceAccount: "222222222222",
    };
    expect(isAllowed(asked, { identity, ...(resource && { resource }) })).toBe(expected);
  });
});

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
describe("ECR's examples of repository policies", () => {
  const users = [user("push-pull-user-1").arn, user("push-pull-user-2").arn];
  const pushPull = [
    { Sid: "AllowPushPull", Effect: "Allow", Principal: { AWS: users }, Action: ecr([...push, ...pull]) },
  ];
  it.each([
    [user("push-pull-user-1"), "ecr:PutImage", true],
    [user("push-pull-user-2"), "ecr:BatchGetImage", true],
    [user("push-pull-user-3"), "ecr:BatchGetImage", false],
    [user("push-pull-user-1"), "ecr:BatchDeleteImage", false],
  ])("allow one or more users: %j %s", (caller, action, expected) => {
    expect(isAllowed({ caller, action }, { resource: pushPull })).toBe(expected);
  });

  const acrossPush = [
    {
      Sid: "AllowCrossAccountPush",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${other}:root` },
      Action: ecr(push),
    },
  ];
  const theirs = [{ Effect: "Allow", Action: "ecr:*", Resource: repository }];
  it.each([
    ["may push where its own policy allows that too", other, theirs, "ecr:PutImage", true],
    ["may not push without", other, [], "ecr:PutImage", false],
    ["may not pull", other, theirs, "ecr:BatchGetImage", false],
    ["means no third one", "777788889999", theirs, "ecr:PutImage", false],
  ])("allow another account, whose user %s", (_name, account, identity, action, expected) => {
    expect(isAllowed({ caller: user("ci", account), action }, { identity, resource: acrossPush })).toBe(
      expected,
    );
  });

  const pullOrAdmin = [
    {
      Sid: "AllowPull",
      Effect: "Allow",
      Principal: { AWS: [user("pull-1").arn, user("pull-2").arn] },
      Action: ecr(pull),
    },
    { Sid: "AllowAll", Effect: "Allow", Principal: { AWS: user("admin").arn }, Action: ["ecr:*"] },
  ];
  it.each([
    ["pull-1", "ecr:BatchGetImage", true],
    ["pull-1", "ecr:PutImage", false],
    ["admin", "ecr:PutImage", true],
    ["admin", "ecr:DeleteRepository", true],
  ])("let some users pull and one do everything: %s %s", (name, action, expected) => {
    expect(isAllowed({ caller: user(name), action }, { resource: pullOrAdmin })).toBe(expected);
  });

  const byAddress = [
    {
      Sid: "IPAllow",
      Effect: "Allow",
      Principal: "*",
      Action: "ecr:*",
      Condition: {
        NotIpAddress: { "aws:SourceIp": "54.240.143.188/32" },
        IpAddress: { "aws:SourceIp": "54.240.143.0/24" },
      },
    },
  ];
  it.each([
    ["54.240.143.7", true],
    ["54.240.143.188", false],
    ["54.240.144.7", false],
  ])("restrict access to some addresses: %s", (address, expected) => {
    const context = { "aws:sourceip": address };
    expect(isAllowed({ action: "ecr:BatchGetImage", context }, { resource: byAddress })).toBe(expected);
  });

  const project = `arn:aws:codebuild:us-east-1:${own}:project/build`;
  const codeBuild = [
    {
      Sid: "CodeBuildAccess",
      Effect: "Allow",
      Principal: { Service: "codebuild.amazonaws.com" },
      Action: ecr(pull),
      Condition: { ArnLike: { "aws:SourceArn": project }, StringEquals: { "aws:SourceAccount": own } },
    },
  ];
  const service = { account: own, arn: "codebuild.amazonaws.com", service: "codebuild.amazonaws.com" };
  it.each([
    ["its project", { "aws:sourcearn": project, "aws:sourceaccount": own }, true],
    ["another project", { "aws:sourcearn": `${project}2`, "aws:sourceaccount": own }, false],
    ["another account's", { "aws:sourcearn": project, "aws:sourceaccount": other }, false],
    ["nothing in particular", {}, false],
  ])("allow an AWS service, for %s", (_name, context, expected) => {
    expect(
      isAllowed({ caller: service, action: "ecr:BatchGetImage", context }, { resource: codeBuild }),
    ).toBe(expected);
    expect(isAllowed({ action: "ecr:BatchGetImage", context }, { resource: codeBuild })).toBe(false);
  });
});

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-examples.html
describe("ECR's examples of registry policies", () => {
  const destination = `arn:aws:ecr:us-west-2:${own}:repository`;
  const replication = (principals: readonly string[], resources: readonly string[]) => [
    {
      Sid: "ReplicationAccessCrossAccount",
      Effect: "Allow",
      Principal: { AWS: principals.map((account) => `arn:aws:iam::${account}:root`) },
      Action: ["ecr:CreateRepository", "ecr:ReplicateImage"],
      Resource: resources,
    },
  ];
  const own2 = { Effect: "Allow", Action: "ecr:*", Resource: "*" };
  it.each([
    ["every repository, for one account", replication([other], [`${destination}/*`]), other, "any", true],
    ["not for another", replication([other], [`${destination}/*`]), "777788889999", "any", false],
    [
      "for several accounts",
      replication([other, "777788889999"], [`${destination}/*`]),
      "777788889999",
      "any",
      true,
    ],
    ["a prefix", replication([other], [`${destination}/prod-*`]), other, "prod-web", true],
    ["no more than the prefix", replication([other], [`${destination}/prod-*`]), other, "dev-web", false],
  ])("let replicate into %s", (_name, resource, account, name, expected) => {
    const asked = {
      caller: user("replication", account),
      action: "ecr:ReplicateImage",
      resource: `${destination}/${name}`,
    };
    expect(isAllowed(asked, { identity: [own2], resource })).toBe(expected);
  });
});

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html and ecr-supported-iam-actions-tagging.html
describe("ECR's examples of identity policies", () => {
  const one = [
    { Sid: "ListImagesInRepository", Effect: "Allow", Action: ["ecr:ListImages"], Resource: repository },
    { Sid: "GetAuthorizationToken", Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
    {
      Sid: "ManageRepositoryContents",
      Effect: "Allow",
      Action: ecr([...push, ...pull]),
      Resource: repository,
    },
  ];
  it.each([
    ["ecr:GetAuthorizationToken", "*", true],
    ["ecr:PutImage", repository, true],
    ["ecr:PutImage", `${repository}-2`, false],
    ["ecr:ListImages", "*", false],
    ["ecr:DeleteRepository", repository, false],
  ])("one repository: %s on %s", (action, resource, expected) => {
    expect(isAllowed({ action, resource }, { identity: one })).toBe(expected);
  });

  const byTag = [
    { Effect: "Allow", Action: "ecr:*", Resource: "*" },
    {
      Effect: "Deny",
      Action: "ecr:DeleteRepository",
      Resource: repository,
      Condition: { StringNotEquals: { "ecr:ResourceTag/environment": "dev" } },
    },
  ];
  it.each<[Record<string, string>, boolean]>([
    [{ "ecr:resourcetag/environment": "dev" }, true],
    [{ "ecr:resourcetag/environment": "prod" }, false],
    [{}, false],
  ])("by a repository's tag: %j", (context, expected) => {
    expect(isAllowed({ action: "ecr:DeleteRepository", context }, { identity: byTag })).toBe(expected);
  });

  const tagged = (Condition: object) => [
    { Effect: "Allow", Action: "ecr:CreateRepository", Resource: "*", Condition },
  ];
  it.each<[string, object, Record<string, string | readonly string[]>, boolean]>([
    [
      "RequestTag",
      { StringEquals: { "aws:RequestTag/team": "web" } },
      { "aws:requesttag/team": "web" },
      true,
    ],
    [
      "RequestTag",
      { StringEquals: { "aws:RequestTag/team": "web" } },
      { "aws:requesttag/team": "app" },
      false,
    ],
    [
      "TagKeys",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "stage"] } },
      { "aws:tagkeys": ["team"] },
      true,
    ],
    [
      "TagKeys",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "stage"] } },
      { "aws:tagkeys": ["team", "cost"] },
      false,
    ],
    [
      "PrincipalTag",
      { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
      { "aws:requesttag/team": "web", "aws:principaltag/team": "web" },
      true,
    ],
    [
      "PrincipalTag",
      { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
      { "aws:requesttag/team": "web", "aws:principaltag/team": "app" },
      false,
    ],
    [
      "PrincipalTag",
      { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
      { "aws:requesttag/team": "web" },
      false,
    ],
  ])("by %s: %j in %j", (_name, Condition, context, expected) => {
    expect(isAllowed({ action: "ecr:CreateRepository", context }, { identity: tagged(Condition) })).toBe(
      expected,
    );
  });
});
