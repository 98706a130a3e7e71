import type { Caller } from "./authorize.ts";
import type { PrincipalElement } from "./policy-document.ts";

/**
 * How a policy names the caller, which decides what its Allow is worth within the caller's own account:
 * - `direct`: the user, the session, the service, or everyone. The Allow stands by itself, also beside a permissions boundary
 *   or a session policy that is silent.
 * - `role`: the role of the session. Its permissions boundary and the session policies must allow as well.
 * - `account`: the account. It leaves the decision to the account's identity policies.
 */
export type NamedAs = "direct" | "role" | "account";

/** The strongest way in which the element names the caller; undefined when it does not. */
export function namedAs(element: PrincipalElement, caller: Caller, roleArn?: string): NamedAs | undefined {
  const { AWS = [], Service = [] } = element;
  if (AWS.includes("*")) return "direct";
  if (caller.service !== undefined) return Service.some((it) => it === caller.service) ? "direct" : undefined;
  if (AWS.includes(caller.arn)) return "direct";
  if (AWS.includes(roleArn ?? roleOfSession(caller.arn) ?? "-")) return "role";
  return AWS.some((it) => isAccount(it, caller.account)) ? "account" : undefined;
}

/**
 * Whether NotPrincipal spares the caller. As AWS documents for Deny, naming a user is not enough: its account must be
 * named as well, and for a session also its role.
 */
export function isSpared(element: PrincipalElement, caller: Caller, roleArn?: string): boolean {
  const { AWS = [], Service = [] } = element;
  if (AWS.includes("*")) return true;
  if (caller.service !== undefined) return Service.some((it) => it === caller.service);
  const role = roleArn ?? roleOfSession(caller.arn);
  const names = [caller.arn, ...(role === undefined ? [] : [role])];
  return names.every((name) => AWS.includes(name)) && AWS.some((it) => isAccount(it, caller.account));
}

/** `arn:aws:iam::<account>:role/<role>` for the ARN of an assumed role's session; its path, if any, is not known here. */
export function roleOfSession(arn: string): string | undefined {
  const [, partition, account, role] =
    /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(arn) ?? [];
  return role === undefined ? undefined : `arn:${partition}:iam::${account}:role/${role}`;
}

/** By its id, or by the ARN of its root in whatever partition: ids are of one partition only. */
function isAccount(principal: string, account: string): boolean {
  return principal === account || /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] === account;
}
