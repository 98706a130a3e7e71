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

/** A token of ours, whether its time is over or not. */
type Good = { readonly token: AuthorizationToken; readonly expiresAt: number };

function openToken(secret: Uint8Array, password: string): Good | undefined {
  const [payload = "", signature = "", ...rest] = password.split(".");
  const expected = Buffer.from(sign(secret, payload));
  const given = Buffer.from(signature);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  const claims = Claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString()));
  if (!claims.success) return undefined;
  const { caller, region, expiresAt } = claims.data;
  return { token: { caller: toCaller(caller), region }, expiresAt };
}

/** Tokens that were found good are not checked again, only their end; so many are remembered, the last ones. */
const MOST_REMEMBERED = 1_000;

export type CheckToken = (password: string, now: Date) => TokenCheck;

/** Checks passwords of `issueToken`, and remembers the good ones: clients send the same one with every request. */
export function createTokenCheck(secret: Uint8Array): CheckToken {
  const known = new Map<string, Good>();
  return (password, now) => {
    const good = known.get(password) ?? openToken(secret, password);
    if (good === undefined) return { valid: false, because: "malformed" };
    if (now.getTime() >= good.expiresAt) return { valid: false, because: "expired" };
    if (!known.has(password)) remember(known, password, good);
    return { valid: true, token: good.token };
  };
}

function remember(known: Map<string, Good>, password: string, good: Good): void {
  if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value ?? "");
  known.set(password, good);
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
