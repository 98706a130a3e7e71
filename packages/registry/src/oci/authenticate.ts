import type { IncomingMessage } from "node:http";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { AuthorizationToken, CheckToken } from "../auth/authorization-token.ts";
import { registryOfHost } from "../auth/registry-host.ts";
import { OciError } from "./errors.ts";

export type Authenticated = AuthorizationToken & { readonly registry: Registry };

/**
 * Who asks, and which registry: the one that the Host header names, else that of the token.
 *
 * Throws 401 with a Basic challenge for missing or unusable credentials, 403 DENIED without a challenge for a token
 * that has expired or was issued for another Region.
 */
export function authenticate(req: IncomingMessage, checkToken: CheckToken, now: Date): Authenticated {
  const password = basicPassword(req.headers.authorization);
  const check = password === undefined ? undefined : checkToken(password, now);
  if (check === undefined || (!check.valid && check.because === "malformed")) throw challenge(req);
  if (!check.valid) throw denied("Your authorization token has expired. Reauthenticate and try again.");
  const { caller, region } = check.token;
  const registry = registryOfHost(req.headers.host) ?? { account: caller.account, region };
  if (registry.region !== region) {
    throw denied(
      `Your authorization token is for ${region} and not valid in ${registry.region}. Call GetAuthorizationToken there.`,
    );
  }
  return { caller, region, registry };
}

/** The password of the user `AWS`; ECR knows no other. */
function basicPassword(header: string | undefined): string | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/=_-]+)$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const [, password] = /^AWS:(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  return password;
}

function challenge(req: IncomingMessage): OciError {
  const host = req.headers.host ?? "localhost";
  return new OciError(401, "UNAUTHORIZED", "Not Authorized\n", {
    "Www-Authenticate": `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
  });
}

function denied(message: string): OciError {
  return new OciError(403, "DENIED", message);
}
