import { assumeRole, type RoleCredentials, type StsLocation } from "./assume-role.ts";

/** Credentials of one role in any account. */
export type AssumedRole = (account: string) => () => Promise<RoleCredentials>;

export type RoleToAssume = {
  /** `tallyman-reader`: the same in every account. The ARN is never input. */
  readonly roleName: string;
  readonly externalId: string;
  /** Shown in the other account's CloudTrail. */
  readonly sessionName: string;
  /** JSON: the most that the sessions may do; absent: all that the role may. */
  readonly sessionPolicy?: string;
};

/** Renewed this long before they end, so that a call in hand never outlives them. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Assumes a role once per account and keeps its credentials until shortly before they expire; one request in flight. */
export function assumedRole(sts: StsLocation, role: RoleToAssume, now: () => number = Date.now): AssumedRole {
  const held = new Map<string, Promise<RoleCredentials>>();

  async function current(account: string): Promise<RoleCredentials> {
    const known = held.get(account);
    const credentials = await known;
    if (credentials && credentials.expiration.getTime() - now() > RENEW_BEFORE_MS) return credentials;
    // Others may have renewed it between the look and this line: only whoever finds it unchanged asks.
    const renewed = held.get(account);
    if (renewed && renewed !== known) return renewed;
    const asked = assume(account);
    held.set(account, asked);
    return asked;
  }

  async function assume(account: string): Promise<RoleCredentials> {
    try {
      return await assumeRole(sts, {
        roleArn: `arn:aws:iam::${account}:role/${role.roleName}`,
        sessionName: role.sessionName,
        externalId: role.externalId,
        ...(role.sessionPolicy !== undefined && { sessionPolicy: role.sessionPolicy }),
      });
    } catch (error) {
      // A refusal is not kept: the next call asks again.
      held.delete(account);
      throw error;
    }
  }

  return (account) => () => current(account);
}
