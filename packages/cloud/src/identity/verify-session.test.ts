import { describe, expect, it } from "vitest";
import { anIdentity, cloud, refusal, signed, wall } from "../testing/signed-requests.ts";
import { createIdentity, type Identity } from "./identity.ts";
import type { SessionCredentials } from "./sessions.ts";
import { verifySignature } from "./verify-signature.ts";

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

describe("a session's signature", () => {
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
});
