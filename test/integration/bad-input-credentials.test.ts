import { GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterEach, describe, expect, test } from "vitest";
import { FOREIGN, REPOSITORY, refusal, standingProduct } from "../support/bad-input.ts";
import { rawHttp } from "../support/raw-http.ts";
import { EAST, OTHER, WEST, withEcr } from "../support/registries.ts";
import { credentialsOf, type Registry } from "../support/registry-client.ts";
import { jsonCall, signedCall } from "../support/signed-call.ts";

const standing = standingProduct();
const url = () => standing.product().url;
const ECR = "AmazonEC2ContainerRegistry_V20150921";
const DESCRIBE = { service: "ecr", target: `${ECR}.DescribeRepositories`, body: "{}" };
const CREATE = { service: "ecr", target: `${ECR}.CreateRepository`, body: '{"repositoryName":"x/written"}' };

async function tokenOf(registry: Registry): Promise<string> {
  const answer = await withEcr(url(), registry, (ecr) => ecr.send(new GetAuthorizationTokenCommand({})));
  return answer.authorizationData?.[0]?.authorizationToken ?? "";
}

function basic(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString("base64");
}

/** What a client asks for first, then a write. */
async function onRegistry(token: string, headers: Readonly<Record<string, string>> = {}) {
  const authorization = `Basic ${token}`;
  const ask = (method: string, path: string) =>
    rawHttp(url(), { method, path, headers: { ...headers, authorization } });
  return [await ask("GET", "/v2/"), await ask("POST", `/v2/${REPOSITORY}/blobs/uploads/`)] as const;
}

describe("a password of the registry", () => {
  test.each<readonly [string, (token: string) => string]>([
    ["that is wrong", () => basic("AWS", "wrong")],
    ["that is empty", () => basic("AWS", "")],
    ["of another user", (token) => basic("root", decode(token))],
    ["whose last character was changed", (token) => basic("AWS", `${decode(token).slice(0, -1)}!`)],
    ["whose claims were changed", (token) => basic("AWS", forged(decode(token)))],
    ["that is a secret access key", () => basic("test", "test")],
  ])("%s is answered 401 as ECR does", async (_, change) => {
    for (const answer of await onRegistry(change(await tokenOf(EAST)))) {
      expect([answer.status, answer.text]).toEqual([401, "Not Authorized\n"]);
      expect(answer.headers["www-authenticate"]).toMatch(/^Basic realm="[^"]+",service="ecr.amazonaws.com"$/);
      expect(answer.headers["docker-distribution-api-version"]).toBe("registry/2.0");
    }
  });

  test("is good for twelve hours and is then denied, without a challenge", async () => {
    const token = await tokenOf(EAST);
    const base = (authorization: string) => rawHttp(url(), { path: "/v2/", headers: { authorization } });
    await standing.product().control("POST", "clock", { advance: "PT11H59M" });
    expect((await base(`Basic ${token}`)).status).toBe(200);
    await standing.product().control("POST", "clock", { advance: "PT2M" });
    for (const answer of await onRegistry(token)) {
      expect(refusal(answer)).toEqual([403, "DENIED"]);
      expect(answer.text).toContain("Your authorization token has expired. Reauthenticate and try again.");
      expect(answer.headers["www-authenticate"]).toBeUndefined();
    }
    expect((await base(`Basic ${await tokenOf(EAST)}`)).status).toBe(200);
  });

  test("of another Region is denied", async () => {
    const host = `${EAST.account}.dkr.ecr.${EAST.region}.localhost`;
    for (const answer of await onRegistry(await tokenOf(WEST), { host })) {
      expect(refusal(answer)).toEqual([403, "DENIED"]);
      expect(answer.text).toContain(`is for ${WEST.region} and not valid in ${EAST.region}`);
    }
  });

  afterEach(() => standing.product().control("POST", "clock", { now: new Date().toISOString() }));
});

describe("another account's repository", () => {
  const host = `${OTHER.account}.dkr.ecr.${OTHER.region}.localhost`;
  const digest = `sha256:${"0".repeat(64)}`;

  test.each([
    ["GET", "manifests/1.0.0", "ecr:BatchGetImage"],
    ["PUT", "manifests/1.0.0", "ecr:PutImage"],
    ["DELETE", "manifests/1.0.0", "ecr:BatchDeleteImage"],
    ["POST", "blobs/uploads/", "ecr:InitiateLayerUpload"],
    ["GET", `blobs/${digest}`, "ecr:GetDownloadUrlForLayer"],
    ["GET", "tags/list", "ecr:ListImages"],
  ])("%s %s is denied by name", async (method, path, action) => {
    const headers = { host, authorization: `Basic ${await tokenOf(EAST)}` };
    const answer = await rawHttp(url(), { method, path: `/v2/${FOREIGN}/${path}`, headers });
    expect(refusal(answer)).toEqual([403, "DENIED"]);
    expect(answer.text).toContain(`is not authorized to perform: ${action} on resource: `);
    expect(answer.text).toContain(`arn:aws:ecr:us-east-1:${OTHER.account}:repository/${FOREIGN}`);
  });

  test.each([
    ["DescribeImages", {}],
    ["BatchGetImage", { imageIds: [{ imageTag: "1.0.0" }] }],
    ["BatchDeleteImage", { imageIds: [{ imageTag: "1.0.0" }] }],
    ["PutImage", { imageManifest: "{}", imageTag: "2.0.0" }],
    ["DeleteRepository", { force: true }],
    ["SetRepositoryPolicy", { policyText: '{"Version":"2012-10-17","Statement":[]}' }],
  ])("%s is refused by the API", async (operation, input) => {
    const body = JSON.stringify({ registryId: OTHER.account, repositoryName: FOREIGN, ...input });
    const answer = await jsonCall(url(), EAST, { service: "ecr", target: `${ECR}.${operation}`, body });
    expect(refusal(answer)).toEqual([400, "AccessDeniedException"]);
    expect(answer.text).toContain(`is not authorized to perform: ecr:${operation} on resource: `);
  });
});

describe("a signature", () => {
  const session = { ...credentialsOf(EAST.account), sessionToken: "garbage" };
  test.each([
    [
      "with a wrong secret",
      { credentials: { accessKeyId: "test", secretAccessKey: "no" } },
      "InvalidSignatureException",
    ],
    [
      "of an unknown key",
      { credentials: { accessKeyId: "AKIA0", secretAccessKey: "no" } },
      "UnrecognizedClientException",
    ],
    ["with a session token that is none", { credentials: session }, "UnrecognizedClientException"],
    ["that is missing", { tamper: without("authorization") }, "MissingAuthenticationTokenException"],
    ["without a date", { tamper: without("x-amz-date") }, "IncompleteSignatureException"],
    [
      "of another body",
      { tamper: set("authorization", (it) => it.replace(/.$/, (last) => (last === "0" ? "1" : "0"))) },
      "InvalidSignatureException",
    ],
    [
      "of another operation",
      { tamper: set("x-amz-target", () => `${ECR}.DeleteRepository`) },
      "InvalidSignatureException",
    ],
    [
      "that is nonsense",
      { tamper: set("authorization", () => "AWS4-HMAC-SHA256 nonsense") },
      "IncompleteSignatureException",
    ],
    [
      "of an old kind",
      { tamper: set("authorization", () => "AWS test:c2lnbmF0dXJl") },
      "MissingAuthenticationTokenException",
    ],
  ])("%s is refused", async (_, change, code) => {
    for (const call of [DESCRIBE, CREATE])
      expect(refusal(await jsonCall(url(), EAST, { ...call, ...change }))).toEqual([403, code]);
  });

  test.each([
    ["sqs", { headers: { "x-amz-target": "AmazonSQS.ListQueues" } }, [403, "InvalidSignatureException"]],
    [
      "dynamodb",
      { headers: { "x-amz-target": "DynamoDB_20120810.ListTables" } },
      [400, "InvalidSignatureException"],
    ],
    ["events", { headers: { "x-amz-target": "AWSEvents.PutEvents" } }, [400, "InvalidSignatureException"]],
    ["ssm", { headers: { "x-amz-target": "AmazonSSM.GetParameter" } }, [400, "InvalidSignatureException"]],
    ["sts", { body: "Action=GetCallerIdentity&Version=2011-06-15" }, [403, "SignatureDoesNotMatch"]],
    ["s3", { method: "PUT", path: "/archive/written" }, [403, "SignatureDoesNotMatch"]],
  ])("that is wrong is refused in the words of %s", async (service, call, expected) => {
    const credentials = { accessKeyId: "test", secretAccessKey: "wrong" };
    expect(refusal(await signedCall(url(), EAST, { service, ...call, credentials }))).toEqual(expected);
  });

  test("that is wrong does not reach the admin API", async () => {
    const credentials = { accessKeyId: "test", secretAccessKey: "wrong" };
    const call = {
      service: "execute-api",
      path: "/api/v1/brake",
      body: '{"on":false,"reason":"x"}',
      credentials,
    };
    const answer = await signedCall(url(), EAST, call);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([403, { message: expect.any(String) }]);
    const unsigned = await rawHttp(url(), { path: "/api/v1/images" });
    expect([unsigned.status, JSON.parse(unsigned.text)]).toEqual([403, { message: "Forbidden" }]);
  });

  test("of the other account's principal does not reach the admin API", async () => {
    const call = { service: "execute-api", path: "/api/v1/brake", body: '{"on":false,"reason":"x"}' };
    expect((await signedCall(url(), OTHER, call)).status).toBe(403);
  });
});

function decode(token: string): string {
  return Buffer.from(token, "base64").toString().slice("AWS:".length);
}

/** The same signature below claims of the other account. */
function forged(password: string): string {
  const [payload = "", signature] = password.split(".");
  const claims = Buffer.from(payload, "base64url").toString().replaceAll(EAST.account, OTHER.account);
  return `${Buffer.from(claims).toString("base64url")}.${signature}`;
}

function without(name: string) {
  return (headers: Record<string, string>) => void delete headers[name];
}

function set(name: string, change: (value: string) => string) {
  return (headers: Record<string, string>) => {
    headers[name] = change(headers[name] ?? "");
  };
}
