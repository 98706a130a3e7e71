import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AwsError } from "../http/aws-service.ts";
import { createIdentity, type Identity } from "./identity.ts";
import type { SessionCredentials } from "./sessions.ts";
import { verifySignature, type WireRequest } from "./verify-signature.ts";

const wall = new Date("2026-03-01T12:00:00Z");
const cloud = new Date("2026-06-01T12:00:00Z");

function anIdentity(): Identity {
  return createIdentity({ now: () => cloud, wallClock: () => wall });
}

/** A quarter of an hour, signed by the wall clock. */
function aSession(identity: Identity) {
  const account = "111122223333";
  const session = {
    account,
    roleName: "app",
    sessionName: "one",
    durationSeconds: 900,
    clock: "wall" as const,
  };
  return identity.sessions.issue(session);
}
function flipped(text: string): string {
  return `${text[0] === "a" ? "b" : "a"}${text.slice(1)}`;
}

type Draft = {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
type Signing = {
  readonly service?: string;
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly date?: Date;
  readonly presign?: { expiresIn: number };
};

/** Signs as the AWS SDK does and turns the result into what a server receives. */
async function signed(draft: Draft, signing: Signing = {}): Promise<WireRequest> {
  const { service = "ecr", credentials = { accessKeyId: "test", secretAccessKey: "test" } } = signing;
  const s3 = service === "s3";
  const signer = new SignatureV4({
    service,
    region: "us-east-1",
    credentials,
    sha256: Sha256,
    uriEscapePath: !s3,
    applyChecksum: s3,
  });
  const { method = "POST", path = "/", query = {}, body = "" } = draft;
  const headers = { host: "127.0.0.1:4510", ...draft.headers };
  const request = {
    method,
    path,
    query: { ...query },
    headers,
    body,
    protocol: "http:",
    hostname: "127.0.0.1",
  };
  const signingDate = signing.date ?? wall;
  const result = signing.presign
    ? await signer.presign(request, { signingDate, ...signing.presign })
    : await signer.sign(request, { signingDate });
  const pairs = Object.entries(result.query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return {
    method,
    path: result.path,
    query: pairs.join("&"),
    headers: Object.fromEntries(
      Object.entries(result.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: Buffer.from(body),
  };
}

function refusal(identity: Identity, request: WireRequest): AwsError {
  try {
    verifySignature(identity, request);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error("The request was accepted");
}

const drafts: readonly (readonly [string, Draft, string])[] = [
  ["a JSON call", { headers: { "x-amz-target": "X.DescribeImages" }, body: '{"a":1}' }, "ecr"],
  ["a form", { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "Action=x" }, "sts"],
  ["a query", { method: "GET", query: { b: "2 3", a: "ü+/=&", Z: "" } }, "execute-api"],
  ["an encoded path", { method: "GET", path: "/api/v1/images/sha256%3Aab%2Fc/%C3%BC" }, "execute-api"],
  ["dot and empty segments", { method: "GET", path: "/a/./b//../c/" }, "execute-api"],
  ["a key of S3", { method: "PUT", path: "/bucket/a%20b/%2B%28x%29//..", body: "content" }, "s3"],
  [
    "an unsigned body for S3",
    { method: "PUT", path: "/b/k", headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }, body: "content" },
    "s3",
  ],
];

describe("verifySignature", () => {
  it.each(drafts)("accepts what the SDK signs: %s", async (_name, draft, service) => {
    expect(verifySignature(anIdentity(), await signed(draft, { service }))).toEqual({
      caller: { account: "111122223333", arn: "arn:aws:iam::111122223333:user/test" },
      account: "111122223333",
      region: "us-east-1",
      service,
      accessKeyId: "test",
      clock: "wall",
    });
  });

  it.each(drafts)("accepts what the SDK presigns: %s", async (_name, draft, service) => {
    const request = await signed(
      service === "s3"
        ? { ...draft, headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } }
        : { ...draft, headers: {}, body: "" },
      { service, presign: { expiresIn: 3600 } },
    );
    expect(verifySignature(anIdentity(), request).accessKeyId).toBe("test");
  });

  it("refuses a request of which any character of path, query, body, method or signed header changed", async () => {
    const original = await signed(
      {
        path: "/api/v1/images",
        query: { tag: "latest", repository: "prod/web" },
        headers: { "x-amz-target": "Service.Operation", "content-type": "application/json" },
        body: '{"repositoryName":"prod/web"}',
      },
      { service: "execute-api" },
    );
    const parts = [
      "method",
      "path",
      "query",
      "body",
      ...Object.keys(original.headers).filter((it) => it !== "x-amz-content-sha256"),
    ];
    const letter = fc.constantFrom(..."abcXYZ019-_");
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(), letter, (part, at, replacement) => {
        const changed = tamper(original, part, at, replacement);
        if (!changed) return;
        expect(refusal(anIdentity(), changed)).toBeInstanceOf(AwsError);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["ecr", "InvalidSignatureException", 403],
    ["dynamodb", "InvalidSignatureException", 400],
    ["sts", "SignatureDoesNotMatch", 403],
    ["s3", "SignatureDoesNotMatch", 403],
  ])("says in the words of %s that the secret is wrong", async (service, code, status) => {
    const credentials = { accessKeyId: "test", secretAccessKey: "wrong" };
    const error = refusal(anIdentity(), await signed({ body: "{}" }, { service, credentials }));
    expect(error).toMatchObject({ code, status });
    expect(error.message).toMatch(/^The request signature we calculated does not match/);
  });

  it.each([
    ["ecr", "UnrecognizedClientException"],
    ["sts", "InvalidClientTokenId"],
    ["s3", "InvalidAccessKeyId"],
  ])("says in the words of %s that nobody has the key", async (service, code) => {
    const credentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "test" };
    expect(refusal(anIdentity(), await signed({}, { service, credentials })).code).toBe(code);
  });

  it.each([
    ["no authentication", {}, "MissingAuthenticationTokenException"],
    ["another scheme", { authorization: "Basic QVdTOng=" }, "MissingAuthenticationTokenException"],
    [
      "no signature",
      { authorization: "AWS4-HMAC-SHA256 Credential=a/20260301/r/ecr/aws4_request" },
      "IncompleteSignatureException",
    ],
    [
      "a malformed credential",
      { authorization: "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0" },
      "IncompleteSignatureException",
    ],
  ])("refuses %s", (_name, headers, code) => {
    const request = {
      method: "POST",
      path: "/",
      query: "",
      headers: { "x-amz-date": "20260301T120000Z", ...headers },
      body: new Uint8Array(),
    };
    expect(refusal(anIdentity(), request).code).toBe(code);
  });

  it.each([
    [-301, "Signature expired: 20260301T115459Z is now earlier than 20260301T115500Z"],
    [301, "Signature not yet current: 20260301T120501Z is still later than 20260301T120500Z"],
  ])("refuses an outside caller whose clock is %s s off the wall clock", async (seconds, message) => {
    const date = new Date(wall.getTime() + seconds * 1000);
    expect(refusal(anIdentity(), await signed({}, { date })).message).toContain(message);
  });

  it.each([-300, 300])("accepts a clock that is %s s off", async (seconds) => {
    const date = new Date(wall.getTime() + seconds * 1000);
    expect(verifySignature(anIdentity(), await signed({}, { date })).accessKeyId).toBe("test");
  });

  it("refuses a presigned request after its time, and not before", async () => {
    const date = new Date(wall.getTime() - 3_600_000);
    const late = await signed({ method: "GET" }, { date, presign: { expiresIn: 3599 } });
    expect(refusal(anIdentity(), late).message).toMatch(/^Signature expired/);
    const inTime = await signed({ method: "GET" }, { date, presign: { expiresIn: 3600 } });
    expect(verifySignature(anIdentity(), inTime).account).toBe("111122223333");
  });

  it.each(["0", "604801", "-1", "1e3", "", "3600.5", "3600&X-Amz-Expires=3600"])(
    "refuses a presigned request that is good for %j seconds",
    async (expires) => {
      const request = await signed({ method: "GET" }, { presign: { expiresIn: 3600 } });
      const query = request.query.replace("X-Amz-Expires=3600", `X-Amz-Expires=${expires}`);
      expect(refusal(anIdentity(), { ...request, query })).toMatchObject({
        code: "IncompleteSignatureException",
        message: expect.stringContaining("X-Amz-Expires"),
      });
    },
  );

  it("accepts a presigned request for a week, and one of a session", async () => {
    const week = await signed({ method: "GET" }, { presign: { expiresIn: 604_800 } });
    expect(verifySignature(anIdentity(), week).accessKeyId).toBe("test");
    const identity = anIdentity();
    const { credentials } = aSession(identity);
    const request = await signed({ method: "GET" }, { credentials, presign: { expiresIn: 60 } });
    expect(request.query).toContain("X-Amz-Security-Token=");
    expect(verifySignature(identity, request).caller.arn).toContain("assumed-role/app/one");
    const without = request.query.replace(/X-Amz-Security-Token=[^&]*&?/, "");
    expect(refusal(identity, { ...request, query: without }).code).toBe("UnrecognizedClientException");
  });

  it.each<[string, (credentials: SessionCredentials) => Partial<SessionCredentials>, string]>([
    ["no token", () => ({ sessionToken: "" }), "UnrecognizedClientException"],
    [
      "a token with one letter changed",
      (it) => ({ sessionToken: flipped(it.sessionToken) }),
      "UnrecognizedClientException",
    ],
    ["the token of another session", () => aSession(anIdentity()).credentials, "UnrecognizedClientException"],
    ["another key with the token", () => ({ accessKeyId: "ASIAOTHER" }), "UnrecognizedClientException"],
    [
      "a long-lived key with the token",
      () => ({ accessKeyId: "test", secretAccessKey: "test" }),
      "UnrecognizedClientException",
    ],
    ["another secret", () => ({ secretAccessKey: "wrong" }), "InvalidSignatureException"],
  ])("refuses a session with %s", async (_name, change, code) => {
    const identity = anIdentity();
    const { credentials } = aSession(identity);
    expect(verifySignature(identity, await signed({}, { credentials })).account).toBe("111122223333");
    const { accessKeyId, secretAccessKey, sessionToken } = { ...credentials, ...change(credentials) };
    const changed = { accessKeyId, secretAccessKey, ...(sessionToken !== "" && { sessionToken }) };
    expect(refusal(identity, await signed({}, { credentials: changed })).code).toBe(code);
  });

  it.each([
    ["ecr", "ExpiredTokenException"],
    ["sts", "ExpiredToken"],
    ["s3", "ExpiredToken"],
  ])(
    "says in the words of %s that a session has ended, once its signature is right",
    async (service, code) => {
      let now = cloud;
      const identity = createIdentity({ now: () => now, wallClock: () => wall });
      const { credentials } = aSession(identity);
      const request = await signed({ body: "{}" }, { service, credentials });
      now = new Date(cloud.getTime() + 899_999);
      expect(verifySignature(identity, request).account).toBe("111122223333");
      now = new Date(cloud.getTime() + 900_000);
      expect(refusal(identity, request).code).toBe(code);
      const forged = await signed(
        { body: "{}" },
        { service, credentials: { ...credentials, secretAccessKey: "x" } },
      );
      expect(refusal(identity, forged).code).not.toBe(code);
    },
  );

  it("refuses a request whose host is not signed, and an x-amz header that is not", async () => {
    const request = await signed({ body: "{}" });
    const added = { ...request, headers: { ...request.headers, "x-amz-target": "Other" } };
    expect(refusal(anIdentity(), added).message).toContain("x-amz-target is not signed");
    const authorization = (request.headers["authorization"] ?? "").replace("host;", "");
    const unsigned = { ...request, headers: { ...request.headers, authorization } };
    expect(refusal(anIdentity(), unsigned).message).toContain("'Host'");
  });

  it("refuses an S3 body that is not the one whose hash was signed", async () => {
    const request = await signed({ method: "PUT", path: "/b/k", body: "content" }, { service: "s3" });
    expect(refusal(anIdentity(), { ...request, body: Buffer.from("CONTENT") }).code).toBe(
      "XAmzContentSHA256Mismatch",
    );
  });

  it("reads a plus in the query as a space, and never as the plus that was signed", async () => {
    const space = await signed({ method: "GET", query: { tag: "a b" } });
    expect(verifySignature(anIdentity(), { ...space, query: "tag=a+b" }).accessKeyId).toBe("test");
    const plus = await signed({ method: "GET", query: { tag: "a+b" } });
    expect(plus.query).toBe("tag=a%2Bb");
    expect(refusal(anIdentity(), { ...plus, query: "tag=a+b" }).code).toBe("InvalidSignatureException");
  });

  it("says when the day of the credential is not that of the request", async () => {
    const request = await signed({});
    const authorization = (request.headers["authorization"] ?? "").replace("/20260301/", "/20260302/");
    const changed = { ...request, headers: { ...request.headers, authorization } };
    expect(refusal(anIdentity(), changed).message).toMatch(/^Date in Credential scope does not match/);
  });

  it("refuses malformed percent-encoding as a wrong signature", async () => {
    const request = await signed({ method: "GET" }, { service: "s3" });
    expect(refusal(anIdentity(), { ...request, path: "/%zz" }).code).toBe("SignatureDoesNotMatch");
    expect(refusal(anIdentity(), { ...request, query: "a=%e0" }).code).toBe("SignatureDoesNotMatch");
  });
});

function tamper(
  request: WireRequest,
  part: string,
  at: number,
  replacement: string,
): WireRequest | undefined {
  const change = (text: string) => {
    const index = at % text.length;
    return text[index] === replacement
      ? undefined
      : text.slice(0, index) + replacement + text.slice(index + 1);
  };
  if (part === "body") {
    const text = change(Buffer.from(request.body).toString());
    return text === undefined ? undefined : { ...request, body: Buffer.from(text) };
  }
  if (part === "method" || part === "path" || part === "query") {
    const text = change(request[part]);
    return text === undefined ? undefined : { ...request, [part]: text };
  }
  const text = change(request.headers[part] ?? "");
  return text === undefined ? undefined : { ...request, headers: { ...request.headers, [part]: text } };
}
