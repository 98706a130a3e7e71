import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsError } from "../http/aws-service.ts";
import { createAuthorizer } from "../identity/authorizer.ts";
import { createDenials, type Denials } from "../identity/denials.ts";
import { createIdentity, type Identity } from "../identity/identity.ts";
import { verifySignature } from "../identity/verify-signature.ts";
import { createSts } from "./sts-service.ts";
import { renderStsError } from "./sts-xml.ts";

const hub = "111122223333";
const member = "444455556666";
const roleArn = `arn:aws:iam::${member}:role/reader`;
const functionArn = `arn:aws:iam::${hub}:role/a-function`;

let cloudTime: Date;
let identity: Identity;
let denials: Denials;
let server: Server;
let endpoint: string;

beforeEach(async () => {
  cloudTime = new Date();
  identity = createIdentity({ now: () => cloudTime });
  denials = createDenials();
  const authorizer = createAuthorizer({ identity, denials });
  const sts = createSts({ identity, authorizer });
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const method = request.method ?? "";
    const headers = request.headers as Record<string, string>;
    const verify = () => verifySignature(identity, { method, path, query, headers, body, service: "sts" });
    const answer = await Promise.resolve()
      .then(verify)
      .then((it) => sts.handle({ ...it, method, path, query: new URLSearchParams(query), headers, body }))
      .catch((error) => renderStsError(error as AwsError));
    response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
  }
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function client(credentials: Keys): STSClient {
  return new STSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
}

async function assume(credentials: Keys, input: Partial<AssumeRoleCommand["input"]> = {}): Promise<Keys> {
  const answer = await client(credentials).send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "case-1", ...input }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

async function arnOf(credentials: Keys): Promise<string | undefined> {
  return (await client(credentials).send(new GetCallerIdentityCommand({}))).Arn;
}

const test: Keys = { accessKeyId: "test", secretAccessKey: "test" };

type Trust = { readonly principal: string; readonly condition?: Record<string, Record<string, string>> };

function declareReader({ principal, condition }: Trust, maxSessionDuration = 3600): void {
  const statement = { Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" };
  identity.replaceRole({
    account: member,
    name: "reader",
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ ...statement, ...(condition && { Condition: condition }) }],
    },
    maxSessionDuration,
  });
}

/** The execution role of a function in the hub's account, and credentials for it. */
function declareFunction(mayAssume: string): Keys {
  identity.replaceRole({
    account: hub,
    name: "a-function",
    assumeRolePolicy: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    },
    inlinePolicies: [
      {
        name: "assume",
        policy: { Statement: { Effect: "Allow", Action: "sts:AssumeRole", Resource: mayAssume } },
      },
    ],
  });
  return identity.sessions.issue({
    account: hub,
    roleName: "a-function",
    sessionName: "a-function",
    durationSeconds: 3600,
    clock: "cloud",
  }).credentials;
}

describe("AWS STS", () => {
  it("tells a user and a session who they are", async () => {
    declareReader({ principal: `arn:aws:iam::${hub}:user/test` });
    expect(await arnOf(test)).toBe(`arn:aws:iam::${hub}:user/test`);
    const session = await assume(test);
    const answer = await client(session).send(new GetCallerIdentityCommand({}));
    expect(answer).toMatchObject({
      Arn: `arn:aws:sts::${member}:assumed-role/reader/case-1`,
      Account: member,
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:case-1$/),
    });
  });

  it("lets an exactly named role of another account in with the external id", async () => {
    declareReader({ principal: functionArn, condition: { StringEquals: { "sts:ExternalId": "secret" } } });
    const session = await assume(declareFunction(roleArn), { ExternalId: "secret" });
    expect(await arnOf(session)).toBe(`arn:aws:sts::${member}:assumed-role/reader/case-1`);
  });

  it.each([
    ["without the external id", functionArn, roleArn, {}],
    ["with another external id", functionArn, roleArn, { ExternalId: "guessed" }],
    ["that the trust does not name", `${functionArn}-2`, roleArn, { ExternalId: "secret" }],
    ["whose own policy allows another role only", functionArn, `${roleArn}-2`, { ExternalId: "secret" }],
  ])("refuses a role %s", async (_name, principal, mayAssume, input) => {
    declareReader({ principal, condition: { StringEquals: { "sts:ExternalId": "secret" } } });
    const caller = `arn:aws:sts::${hub}:assumed-role/a-function/a-function`;
    await expect(assume(declareFunction(mayAssume), input)).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      $metadata: { httpStatusCode: 403 },
    });
    expect(denials.list()).toMatchObject([
      { principal: caller, action: "sts:AssumeRole", resource: roleArn },
    ]);
  });

  it("answers for a role that does not exist as for one that refuses", async () => {
    await expect(assume(test)).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:iam::${hub}:user/test is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    });
  });

  it("narrows a session by the policy that was passed", async () => {
    identity.replaceRole({
      account: member,
      name: "reader",
      assumeRolePolicy: {
        Statement: { Effect: "Allow", Principal: { AWS: hub }, Action: "sts:AssumeRole" },
      },
      inlinePolicies: [
        { name: "read", policy: { Statement: { Effect: "Allow", Action: "ecr:*", Resource: "*" } } },
      ],
    });
    const policy = { Statement: { Effect: "Allow", Action: "ecr:DescribeImages", Resource: "*" } };
    const { accessKeyId, sessionToken = "" } = await assume(test, { Policy: JSON.stringify(policy) });
    const caller = identity.sessions.find(accessKeyId, sessionToken)?.caller;
    if (!caller) throw new Error("The session is not known");
    const { authorize } = createAuthorizer({ identity, denials });
    const ask = (action: string) => authorize({ caller, action, resource: "*", resourceAccount: member });
    expect(ask("ecr:DescribeImages")).toEqual({ allowed: true });
    expect(ask("ecr:PutImage")).toMatchObject({
      allowed: false,
      message: expect.stringContaining("because no session policy allows the ecr:PutImage action"),
    });
  });

  it("ends a session by the cloud's clock", async () => {
    declareReader({ principal: hub });
    const session = await assume(test, { DurationSeconds: 900 });
    cloudTime = new Date(cloudTime.getTime() + 899_000);
    expect(await arnOf(session)).toBeDefined();
    cloudTime = new Date(cloudTime.getTime() + 1000);
    await expect(arnOf(session)).rejects.toMatchObject({
      name: "ExpiredToken",
      message: "The security token included in the request is expired",
    });
  });

  it("checks the signing time of a session from outside by the wall clock", async () => {
    declareReader({ principal: hub });
    const session = await assume(test);
    cloudTime = new Date(cloudTime.getTime() - 30 * 86_400_000);
    expect(await arnOf(session)).toBeDefined();
  });

  it("refuses a session token that was issued for another key, or altered", async () => {
    declareReader({ principal: hub });
    const [one, two] = [await assume(test), await assume(test)];
    const swapped = { ...one, ...(two.sessionToken && { sessionToken: two.sessionToken }) };
    await expect(arnOf(swapped)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    await expect(arnOf({ ...one, sessionToken: `x${one.sessionToken}` })).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
  });

  it.each([
    [{ RoleArn: "arn:aws:iam::1:role/x" }, "ValidationError", "arn:aws:iam::1:role/x is invalid"],
    [{ RoleSessionName: "a b" }, "ValidationError", "Value 'a b' at 'roleSessionName'"],
    [{ DurationSeconds: 899 }, "ValidationError", "have value greater than or equal to 900"],
    [{ DurationSeconds: 3601 }, "ValidationError", "exceeds the MaxSessionDuration set for this role"],
    [{ Policy: "{}" }, "MalformedPolicyDocumentException", "Statement"],
    [{ TokenCode: "123456" }, "ValidationError", "Not supported by the embedded STS: TokenCode"],
  ])("refuses %j", async (input, name, message) => {
    declareReader({ principal: hub });
    await expect(assume(test, input)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  it("lets a chained session live one hour at most", async () => {
    declareReader({ principal: hub }, 43_200);
    const credentials = declareFunction(roleArn);
    await expect(assume(credentials, { DurationSeconds: 3601 })).rejects.toMatchObject({
      message: expect.stringContaining("role chaining"),
    });
    expect(await arnOf(await assume(test, { DurationSeconds: 43_200 }))).toBeDefined();
  });

  it("answers a wrong secret as STS does", async () => {
    const wrong = client({ accessKeyId: "test", secretAccessKey: "wrong" });
    await expect(wrong.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      $metadata: { httpStatusCode: 403 },
    });
  });

  it.each([
    ["Action=Frobnicate&Version=2011-06-15", "InvalidAction", "Could not find operation Frobnicate"],
    ["Action=<b>%26", "InvalidAction", "operation &lt;b&gt;&amp; for version"],
    ["", "MissingAction", "must contain the parameter Action"],
  ])("answers the form %j with %s", async (form, code, message) => {
    const sts = createSts({ identity, authorizer: createAuthorizer({ identity, denials }) });
    const caller = { account: hub, arn: `arn:aws:iam::${hub}:user/test` };
    const request = { method: "POST", path: "/", query: new URLSearchParams(), headers: {}, caller };
    const answer = await sts.handle({
      ...request,
      body: Buffer.from(form),
      account: hub,
      region: "us-east-1",
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
    expect(answer.body).toContain(message);
  });
});
