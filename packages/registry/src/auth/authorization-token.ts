import { createHmac, timingSafeEqual } from "node:crypto";
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";

const TWELVE_HOURS = 12 * 60 * 60 * 1000;
/** ECR's tokens are longer than 1 KiB, and clients that assumed less have failed: ours are too. */
const MINIMUM_LENGTH = 1_400;

const Claims = z.object({
  caller: z.object({
    account: z.string(),
    arn: z.string(),
    service: z.string().optional(),
    sessionPolicies: z.array(z.string()).optional(),
  }),
  region: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
  padding: z.string().optional(),
});

export type AuthorizationToken = { readonly caller: Caller; readonly region: string };

export type TokenCheck =
  | { readonly valid: true; readonly token: AuthorizationToken }
  | { readonly valid: false; readonly because: "malformed" | "expired" };

/**
 * The password of the user `AWS`: who asked, for which Region, until when, and an HMAC over all of it. Opaque to
 * clients. What the principal may do is not in it: that is asked at every request.
 */
export function issueToken(
  secret: Uint8Array,
  token: AuthorizationToken,
  now: Date,
): { readonly password: string; readonly expiresAt: Date } {
  const expiresAt = now.getTime() + TWELVE_HOURS;
  const claims = { ...token, expiresAt };
  const length = JSON.stringify(claims).length;
  const padded =
    length < MINIMUM_LENGTH ? { ...claims, padding: "=".repeat(MINIMUM_LENGTH - length) } : claims;
  const payload = Buffer.from(JSON.stringify(padded)).toString("base64url");
  return { password: `${payload}.${sign(secret, payload)}`, expiresAt: new Date(expiresAt) };
}

export function checkToken(secret: Uint8Array, password: string, now: Date): TokenCheck {
  const [payload = "", signature = "", ...rest] = password.split(".");
  const expected = Buffer.from(sign(secret, payload));
  const given = Buffer.from(signature);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { valid: false, because: "malformed" };
  }
  const claims = Claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString()));
  if (!claims.success) return { valid: false, because: "malformed" };
  const { caller, region, expiresAt } = claims.data;
  if (now.getTime() >= expiresAt) return { valid: false, because: "expired" };
  return { valid: true, token: { caller: toCaller(caller), region } };
}

function sign(secret: Uint8Array, payload: string): string {
  return createHmac("sha256", secret).update(payload).digest("base64url");
}

function toCaller({ account, arn, service, sessionPolicies }: z.infer<typeof Claims>["caller"]): Caller {
  return {
    account,
    arn,
    ...(service === undefined ? {} : { service }),
    ...(sessionPolicies === undefined ? {} : { sessionPolicies }),
  };
}
