import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AwsError } from "../http/aws-service.ts";
import { anIdentity, type Draft, refusal, signed, wall } from "../testing/signed-requests.ts";
import { verifySignature, type WireRequest } from "./verify-signature.ts";

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
