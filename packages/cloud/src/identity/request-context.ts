import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { RequestContext } from "@tallyman/domain/iam-policy/policy-variables";
import type { Identity, User } from "./identity.ts";
import type { Role } from "./roles.ts";

/** The principal behind a caller, as far as this cloud knows it. */
export type KnownPrincipal = { readonly user?: User; readonly role?: Role };

export function findPrincipal(identity: Identity, caller: Caller): KnownPrincipal {
  if (caller.service !== undefined) return {};
  const [, account, role] = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(caller.arn) ?? [];
  const found = account !== undefined && role !== undefined ? identity.findRole(account, role) : undefined;
  if (found) return { role: found };
  const user = identity.findUser(caller.arn);
  return user ? { user } : {};
}

/**
 * The condition keys of a request: the service's own, and the global ones that follow from who calls. A service cannot
 * set those of the principal. A service principal has no account: it acts for the one in `aws:SourceAccount`.
 */
export function requestContext(
  identity: Identity,
  request: { readonly caller: Caller; readonly resourceAccount: string; readonly context?: RequestContext },
  principal: KnownPrincipal,
): RequestContext {
  const { caller } = request;
  const now = identity.now();
  return {
    "aws:resourceaccount": request.resourceAccount,
    // Loopback stands in for TLS: policies that ask for it hold as they do on AWS.
    "aws:securetransport": "true",
    ...(caller.service !== undefined && { "aws:sourceaccount": caller.account }),
    ...request.context,
    ...(caller.service === undefined
      ? principalKeys(identity, caller, principal)
      : serviceKeys(caller.service)),
    "aws:currenttime": now.toISOString(),
    "aws:epochtime": String(Math.floor(now.getTime() / 1000)),
  };
}

function serviceKeys(service: string): RequestContext {
  return { "aws:principalisawsservice": "true", "aws:principalservicename": service };
}

function principalKeys(identity: Identity, caller: Caller, principal: KnownPrincipal): RequestContext {
  const { user, role } = principal;
  return {
    "aws:principalisawsservice": "false",
    "aws:principalaccount": caller.account,
    // For a session AWS puts the role's ARN here, not the session's.
    "aws:principalarn": role?.arn ?? caller.arn,
    "aws:principaltype": caller.arn.includes(":assumed-role/") ? "AssumedRole" : "User",
    "aws:userid": userIdOf(caller, principal),
    ...(user && { "aws:username": user.name }),
    ...tagKeys(user?.tags ?? role?.tags ?? {}),
    ...(identity.organizationId !== undefined && { "aws:principalorgid": identity.organizationId }),
  };
}

function tagKeys(tags: Readonly<Record<string, string>>): RequestContext {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, value]),
  );
}

/** `AIDA...` of a user, `AROA...:<session>` of a role's session. */
export function userId(identity: Identity, caller: Caller): string {
  return userIdOf(caller, findPrincipal(identity, caller));
}

function userIdOf(caller: Caller, { user, role }: KnownPrincipal): string {
  if (role) return `${role.id}:${caller.arn.slice(caller.arn.lastIndexOf("/") + 1)}`;
  return user?.id ?? caller.account;
}
