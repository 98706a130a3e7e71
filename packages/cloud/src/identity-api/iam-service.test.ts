import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  SetDefaultPolicyVersionCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAuthorizer } from "../identity/authorizer.ts";
import { createDenials } from "../identity/denials.ts";
import type { Identity } from "../identity/identity.ts";
import { createSts } from "../sts/sts-service.ts";
import { ACCOUNT, startTestBorder, type TestBorder } from "../testing/test-border.ts";
import { createIam, type Iam } from "./iam-service.ts";

const trust = (Service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
  });
const trustAccount = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" },
  ],
});
const allow = (Action: string, Resource = "*") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
const declared = {
  account: ACCOUNT,
  name: "declared",
  assumeRolePolicy: JSON.parse(trust("lambda.amazonaws.com")),
  inlinePolicies: [{ name: "own", policy: JSON.parse(allow("sqs:SendMessage")) }],
};
const executionPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

let border: TestBorder;
let iam: Iam;
let client: IAMClient;
let file: string;

/** A border whose IAM is made first: `createIam` reads its file before anybody may call it. */
async function start(kept = join(mkdtempSync(join(tmpdir(), "tallyman-iam-")), "identities.json")) {
  file = kept;
  let made: Promise<Iam> | undefined;
  let sts = undefined as ReturnType<typeof createSts> | undefined;
  border = await startTestBorder(
    ({ identity, authorize, faults }) => {
      identity.replaceRole(declared);
      made = createIam({ identity, authorize, faults, declared: [declared], file });
      const authorizer = createAuthorizer({ identity, denials: createDenials() });
      sts = createSts({ identity, authorizer });
      const handle = async (request: Parameters<Iam["service"]["handle"]>[0]) =>
        (await (made as Promise<Iam>)).service.handle(request);
      return { services: [{ signingName: "iam", handle }, sts] };
    },
    { reader: JSON.parse(allow("iam:Get*")), nobody: JSON.parse(allow("sqs:*")) },
  );
  iam = await (made as Promise<Iam>);
  client = new IAMClient(border.client());
}

beforeEach(() => start());
afterEach(() => border.stop());

const create = (RoleName: string, more: Partial<CreateRoleCommandInput> = {}) =>
  client.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: trust("ecs-tasks.amazonaws.com"),
      ...more,
    }),
  );
const put = (RoleName: string, PolicyName: string, PolicyDocument: string) =>
  client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));

describe("a role", () => {
  test("is made, shown and deleted", async () => {
    const made = await create("web", {
      Path: "/service/",
      Description: "runs <web> & more",
      MaxSessionDuration: 7200,
      Tags: [
        { Key: "team", Value: "a" },
        { Key: "stage", Value: "" },
      ],
    });
    const { Role } = await client.send(new GetRoleCommand({ RoleName: "web" }));
    expect(Role).toEqual(made.Role);
    expect(Role).toMatchObject({
      Path: "/service/",
      RoleName: "web",
      Arn: `arn:aws:iam::${ACCOUNT}:role/service/web`,
      Description: "runs <web> & more",
      MaxSessionDuration: 7200,
      Tags: [
        { Key: "team", Value: "a" },
        { Key: "stage", Value: "" },
      ],
    });
    expect(Role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(Role?.CreateDate).toBeInstanceOf(Date);
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust("ecs-tasks.amazonaws.com"));
    await client.send(new DeleteRoleCommand({ RoleName: "web" }));
    await expect(client.send(new GetRoleCommand({ RoleName: "web" }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: "The role with name web cannot be found.",
      $metadata: { httpStatusCode: 404 },
    });
  });

  test("is listed among those of the stacks, page by page and by path", async () => {
    for (const name of ["b", "a", "c"]) await create(name, { Path: name === "c" ? "/apart/" : "/" });
    const first = await client.send(new ListRolesCommand({ MaxItems: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, Roles: [{ RoleName: "a" }, { RoleName: "b" }] });
    const rest = await client.send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }));
    expect(rest).toMatchObject({ IsTruncated: false, Roles: [{ RoleName: "c" }, { RoleName: "declared" }] });
    const apart = await client.send(new ListRolesCommand({ PathPrefix: "/apart/" }));
    expect(apart.Roles?.map(({ RoleName }) => RoleName)).toEqual(["c"]);
  });

  test("has policies of its own and attached ones, and stays as long as it has any", async () => {
    await create("web");
    await put("web", "logs", allow("logs:PutLogEvents"));
    await client.send(new AttachRolePolicyCommand({ RoleName: "web", PolicyArn: executionPolicy }));
    const inline = await client.send(new ListRolePoliciesCommand({ RoleName: "web" }));
    expect(inline).toMatchObject({ PolicyNames: ["logs"], IsTruncated: false });
    const got = await client.send(new GetRolePolicyCommand({ RoleName: "web", PolicyName: "logs" }));
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(allow("logs:PutLogEvents"));
    const attached = await client.send(new ListAttachedRolePoliciesCommand({ RoleName: "web" }));
    expect(attached.AttachedPolicies).toEqual([
      { PolicyName: "AmazonECSTaskExecutionRolePolicy", PolicyArn: executionPolicy },
    ]);
    const gone = () => client.send(new DeleteRoleCommand({ RoleName: "web" }));
    await expect(gone()).rejects.toMatchObject({
      name: "DeleteConflictException",
      message: "Cannot delete entity, must detach all policies first.",
    });
    await client.send(new DetachRolePolicyCommand({ RoleName: "web", PolicyArn: executionPolicy }));
    await expect(gone()).rejects.toThrow("Cannot delete entity, must delete policies first.");
    await client.send(new DeleteRolePolicyCommand({ RoleName: "web", PolicyName: "logs" }));
    await gone();
  });

  test("of a stack is a role like others, until the next start", async () => {
    await put("declared", "own", allow("sqs:ReceiveMessage"));
    expect(border.identity.findRole(ACCOUNT, "declared")?.definition.inlinePolicies).toHaveLength(1);
    expect(readFileSync(file, "utf8")).not.toContain("declared");
  });

  test("can be assumed at once, and does what its policies let it, as they are at each call", async () => {
    await create("operator", { AssumeRolePolicyDocument: trustAccount });
    const { Credentials } = await new STSClient(border.client()).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/operator`,
        RoleSessionName: "me",
      }),
    );
    const session = new IAMClient({
      ...border.client(),
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      },
    });
    const ask = () => session.send(new GetRoleCommand({ RoleName: "declared" }));
    await expect(ask()).rejects.toMatchObject({ name: "AccessDenied" });
    await put("operator", "read", allow("iam:GetRole"));
    expect((await ask()).Role?.RoleName).toBe("declared");
    await client.send(new CreatePolicyCommand({ PolicyName: "ceiling", PolicyDocument: allow("sqs:*") }));
    await client.send(new TagRoleCommand({ RoleName: "operator", Tags: [{ Key: "team", Value: "a" }] }));
    await client.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName: "operator",
        PolicyDocument: trust("ecs-tasks.amazonaws.com"),
      }),
    );
    expect((await ask()).Role?.RoleName).toBe("declared");
    await client.send(new DeleteRolePolicyCommand({ RoleName: "operator", PolicyName: "read" }));
    await expect(ask()).rejects.toThrow(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/operator/me is not authorized to perform: iam:GetRole on resource: role declared because no identity-based policy allows the iam:GetRole action`,
    );
  });

  test("bounded by a policy does no more than that allows", async () => {
    const { Policy } = await client.send(
      new CreatePolicyCommand({ PolicyName: "ceiling", PolicyDocument: allow("sqs:*") }),
    );
    await create("bounded", { PermissionsBoundary: Policy?.Arn ?? "" });
    await put("bounded", "all", allow("*"));
    const caller = { account: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/bounded/x` };
    expect(decide(border.identity, caller, "sqs:SendMessage")).toBe(true);
    expect(decide(border.identity, caller, "s3:GetObject")).toBe(false);
  });
});

function decide(identity: Identity, caller: Parameters<Authorize>[0]["caller"], action: string): boolean {
  const { authorize } = createAuthorizer({ identity, denials: createDenials() });
  return authorize({ caller, action, resource: "*", resourceAccount: ACCOUNT }).allowed;
}

describe("a managed policy", () => {
  const caller = { account: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/x` };

  test("counts in the version that is in force, for every role that has it", async () => {
    const { Policy } = await client.send(
      new CreatePolicyCommand({ PolicyName: "shared", PolicyDocument: allow("sqs:*"), Path: "/x/" }),
    );
    const PolicyArn = Policy?.Arn ?? "";
    expect(PolicyArn).toBe(`arn:aws:iam::${ACCOUNT}:policy/x/shared`);
    await create("web");
    await client.send(new AttachRolePolicyCommand({ RoleName: "web", PolicyArn }));
    expect(decide(border.identity, caller, "sqs:SendMessage")).toBe(true);
    await client.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allow("s3:*"), SetAsDefault: true }),
    );
    expect(decide(border.identity, caller, "sqs:SendMessage")).toBe(false);
    expect(decide(border.identity, caller, "s3:GetObject")).toBe(true);
    await client.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    expect(decide(border.identity, caller, "sqs:SendMessage")).toBe(true);
    const shown = await client.send(new GetPolicyCommand({ PolicyArn }));
    expect(shown.Policy).toMatchObject({ DefaultVersionId: "v1", AttachmentCount: 1, IsAttachable: true });
    const version = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
    expect(version.PolicyVersion).toMatchObject({ VersionId: "v2", IsDefaultVersion: false });
    expect(decodeURIComponent(version.PolicyVersion?.Document ?? "")).toBe(allow("s3:*"));
    await expect(client.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: "DeleteConflictException",
    });
    await client.send(new DetachRolePolicyCommand({ RoleName: "web", PolicyArn }));
    await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
    await client.send(new DeletePolicyCommand({ PolicyArn }));
    await expect(client.send(new GetPolicyCommand({ PolicyArn }))).rejects.toThrow(
      `Policy ${PolicyArn} was not found.`,
    );
  });

  test("of AWS can be read, and changed by nobody", async () => {
    const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn: executionPolicy }));
    const VersionId = Policy?.DefaultVersionId ?? "";
    const got = await client.send(new GetPolicyVersionCommand({ PolicyArn: executionPolicy, VersionId }));
    const document = JSON.parse(decodeURIComponent(got.PolicyVersion?.Document ?? ""));
    expect(document.Statement[0].Action).toContain("ecr:BatchGetImage");
    await expect(
      client.send(new CreatePolicyVersionCommand({ PolicyArn: executionPolicy, PolicyDocument: allow("*") })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    const listed = await client.send(new ListPoliciesCommand({ Scope: "Local" }));
    expect(listed.Policies).toEqual([]);
  });

  test("of another account is none of ours", async () => {
    const other = new IAMClient({
      ...border.client(),
      credentials: { accessKeyId: "test2", secretAccessKey: "test2" },
    });
    const { Policy } = await other.send(
      new CreatePolicyCommand({ PolicyName: "theirs", PolicyDocument: allow("sqs:*") }),
    );
    await create("web");
    const attach = { RoleName: "web", PolicyArn: Policy?.Arn ?? "" };
    await expect(client.send(new AttachRolePolicyCommand(attach))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: `Policy ${Policy?.Arn} does not exist or is not attachable.`,
    });
    await expect(client.send(new GetPolicyCommand({ PolicyArn: Policy?.Arn }))).rejects.toMatchObject({
      name: expect.stringMatching(/AccessDenied|NoSuchEntity/),
    });
  });
});

test("an instance profile hands its one role on", async () => {
  await client.send(new CreateInstanceProfileCommand({ InstanceProfileName: "node" }));
  await create("node-role", { AssumeRolePolicyDocument: trust("ec2.amazonaws.com") });
  const add = { InstanceProfileName: "node", RoleName: "node-role" };
  await client.send(new AddRoleToInstanceProfileCommand(add));
  await expect(client.send(new AddRoleToInstanceProfileCommand(add))).rejects.toMatchObject({
    name: "LimitExceededException",
  });
  const { InstanceProfile } = await client.send(
    new GetInstanceProfileCommand({ InstanceProfileName: "node" }),
  );
  expect(InstanceProfile).toMatchObject({
    Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/node`,
    Roles: [{ RoleName: "node-role" }],
  });
  await expect(client.send(new DeleteRoleCommand({ RoleName: "node-role" }))).rejects.toThrow(
    "must remove roles from instance profile first",
  );
});

describe("what is wrong is refused as IAM refuses it, and changes nothing:", () => {
  const malformed = "MalformedPolicyDocumentException";
  test.each([
    ["a trust policy that is no JSON", "{", malformed],
    ["a trust policy with a resource", allow("sts:AssumeRole"), malformed],
    ["a trust policy that is too long", trust(`${"x".repeat(2048)}.amazonaws.com`), "LimitExceededException"],
  ])("%s", async (_, AssumeRolePolicyDocument, name) => {
    await expect(create("web", { AssumeRolePolicyDocument })).rejects.toMatchObject({ name });
    expect(border.identity.findRole(ACCOUNT, "web")).toBeUndefined();
  });

  test("a name with a space", async () => {
    await expect(create("a b")).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringContaining("at 'roleName' failed to satisfy constraint"),
    });
  });

  test("a second role of one name", async () => {
    await create("web");
    await expect(create("web")).rejects.toMatchObject({
      name: "EntityAlreadyExistsException",
      message: "Role with name web already exists.",
      $metadata: { httpStatusCode: 409 },
    });
  });

  test("a policy with a principal", async () => {
    await create("web");
    await expect(put("web", "p", trust("ecs-tasks.amazonaws.com"))).rejects.toMatchObject({
      name: malformed,
    });
    await expect(client.send(new GetRolePolicyCommand({ RoleName: "web", PolicyName: "p" }))).rejects.toThrow(
      "The role policy with name p cannot be found.",
    );
  });

  test("policies of more than 10,240 characters together, white space aside", async () => {
    await create("web");
    const long = (name: string) => allow("sqs:*", `arn:aws:sqs:us-east-1:${ACCOUNT}:${name.repeat(4900)}`);
    await put("web", "one", `${long("a")}${" ".repeat(9000)}`);
    await put("web", "two", long("b"));
    await expect(put("web", "three", long("c"))).rejects.toMatchObject({ name: "LimitExceededException" });
    await put("web", "two", long("d"));
  });

  test("a caller whose policies do not allow it", async () => {
    const reader = new IAMClient(border.client("reader"));
    expect((await reader.send(new GetRoleCommand({ RoleName: "declared" }))).Role?.RoleName).toBe("declared");
    const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
    const nobody = new IAMClient(border.client("nobody"));
    await expect(nobody.send(new GetRoleCommand({ RoleName: "declared" }))).rejects.toMatchObject(denied);
    await expect(reader.send(new ListRolesCommand({}))).rejects.toMatchObject(denied);
    const role = { RoleName: "web", AssumeRolePolicyDocument: trustAccount };
    await expect(reader.send(new CreateRoleCommand(role))).rejects.toMatchObject(denied);
  });
});

test("what calls have made is there after a restart; a reset leaves what the stacks declare", async () => {
  await create("web", { Tags: [{ Key: "team", Value: "a" }] });
  await put("web", "own", allow("sqs:*"));
  const { Policy } = await client.send(
    new CreatePolicyCommand({ PolicyName: "shared", PolicyDocument: allow("s3:*") }),
  );
  await client.send(new AttachRolePolicyCommand({ RoleName: "web", PolicyArn: Policy?.Arn ?? "" }));
  const before = await client.send(new GetRoleCommand({ RoleName: "web" }));
  await border.stop();
  await start(file);
  const after = await client.send(new GetRoleCommand({ RoleName: "web" }));
  expect(after.Role).toEqual(before.Role);
  const caller = { account: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/x` };
  for (const action of ["sqs:SendMessage", "s3:GetObject"])
    expect(decide(border.identity, caller, action)).toBe(true);
  await iam.clear();
  expect(border.identity.roles().map(({ name }) => name)).toEqual(["declared"]);
  expect((await client.send(new ListPoliciesCommand({ Scope: "Local" }))).Policies).toEqual([]);
});
