import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { keptAnswers } from "@tallyman/domain/kept/kept-answers";
import * as z from "zod";
import { base32 } from "./unique-id.ts";

/**
 * Whose clock a caller signs with. Functions see the cloud's clock, which can be set; programs outside have only the
 * wall clock, also when they have assumed a role.
 */
export type SigningClock = "wall" | "cloud";

export type SessionRequest = {
  readonly account: string;
  /** Role name without its path. */
  readonly roleName: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  /** JSON texts; they bound what the session may do. */
  readonly sessionPolicies?: readonly string[];
  readonly clock: SigningClock;
};

export type SessionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** By the cloud's clock. */
  readonly expiration: Date;
};

export type Session = {
  readonly caller: Caller;
  readonly secretAccessKey: string;
  readonly expiration: Date;
  readonly clock: SigningClock;
};

export type Sessions = {
  issue(request: SessionRequest): { readonly caller: Caller; readonly credentials: SessionCredentials };
  /** The session behind a key and its token, expired or not; undefined when this cloud did not issue the pair. */
  find(accessKeyId: string, sessionToken: string): Session | undefined;
  /** Whose clock the holder of a token signs with; undefined when this cloud did not issue it. */
  clockOf(sessionToken: string): SigningClock | undefined;
};

const Claims = z.strictObject({
  key: z.string(),
  account: z.string(),
  arn: z.string(),
  policies: z.array(z.string()).optional(),
  expires: z.number(),
  clock: z.enum(["wall", "cloud"]),
});
type Claims = z.infer<typeof Claims>;

/** So many tokens that were opened are remembered: a function shows the same one with each of its calls. */
const REMEMBERED = 1000;

/** A token whose HMAC was checked: it says the same for ever. Whether it has expired is asked at each use. */
type Opened = { readonly key: string; readonly session: Session };

/**
 * Session tokens carry their claims under an HMAC, and the secret key is derived from the key id: nothing has to be stored,
 * so a session ends by itself. What the last tokens said is remembered. `secret` is at least 32 random bytes.
 */
export function createSessions(secret: Uint8Array, now: () => Date): Sessions {
  // As a key object: Node looks at anything else twice before it takes it as a key, for each of several HMACs a request.
  const sealing = createSecretKey(secret);
  const seal = (purpose: string, text: string) => createHmac("sha256", sealing).update(`${purpose}:${text}`);
  const secretKey = (accessKeyId: string) => seal("secret-key", accessKeyId).digest("base64").slice(0, 40);

  function issue(request: SessionRequest) {
    const accessKeyId = `ASIA${base32(randomBytes(16))}`;
    const expiration = new Date(now().getTime() + request.durationSeconds * 1000);
    const claims = claimsOf(request, accessKeyId, expiration);
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const sessionToken = `${payload}.${seal("token", payload).digest("base64url")}`;
    const credentials = { accessKeyId, secretAccessKey: secretKey(accessKeyId), sessionToken, expiration };
    return { caller: callerOf(claims), credentials };
  }

  const open = keptAnswers(REMEMBERED, (sessionToken): Opened | undefined => {
    const claims = claimsIn(sessionToken);
    if (!claims) return undefined;
    const { key, expires, clock } = claims;
    const secretAccessKey = secretKey(key);
    return {
      key,
      session: { caller: callerOf(claims), secretAccessKey, expiration: new Date(expires), clock },
    };
  });

  function claimsIn(sessionToken: string): Claims | undefined {
    const [payload = "", mac = ""] = sessionToken.split(".");
    const expected = seal("token", payload).digest();
    const given = Buffer.from(mac, "base64url");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return Claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
  }

  function find(accessKeyId: string, sessionToken: string): Session | undefined {
    const opened = open(sessionToken);
    return opened?.key === accessKeyId ? opened.session : undefined;
  }

  return { issue, find, clockOf: (sessionToken) => open(sessionToken)?.session.clock };
}

function claimsOf(request: SessionRequest, key: string, expiration: Date): Claims {
  const { account, roleName, sessionName, sessionPolicies, clock } = request;
  const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
  const expires = expiration.getTime();
  return { key, account, arn, expires, clock, ...(sessionPolicies && { policies: [...sessionPolicies] }) };
}

function callerOf({ account, arn, policies }: Claims): Caller {
  return { account, arn, ...(policies && { sessionPolicies: policies }) };
}
