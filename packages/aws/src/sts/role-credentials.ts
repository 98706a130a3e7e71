import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";

export type RoleCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

/** Credentials of one role in any account. */
export type AssumedRole = (account: string) => () => Promise<RoleCredentials>;

export type RoleToAssume = {
  /** `tallyman-reader`: the same in every account. The ARN is never input. */
  readonly roleName: string;
  readonly externalId: string;
  /** Shown in the other account's CloudTrail. */
  readonly sessionName: string;
};

/** Renewed this long before they end, so that a call in hand never outlives them. */
const RENEW_BEFORE_MS = 5 * 60_000;

const Answer = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  SessionToken: z.string(),
  Expiration: z.date(),
});

/** Assumes a role once per account and keeps its credentials until shortly before they expire; one request in flight. */
export function assumedRole(sts: STSClient, role: RoleToAssume, now: () => number = Date.now): AssumedRole {
  const held = new Map<string, Promise<RoleCredentials>>();

  async function current(account: string): Promise<RoleCredentials> {
    const known = held.get(account);
    const credentials = await known;
    if (credentials && credentials.expiration.getTime() - now() > RENEW_BEFORE_MS) return credentials;
    // Between the look and this line others may have renewed it: only whoever finds it unchanged asks.
    if (held.get(account) === known) held.set(account, assume(account));
    return current(account);
  }

  async function assume(account: string): Promise<RoleCredentials> {
    try {
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${account}:role/${role.roleName}`,
          RoleSessionName: role.sessionName,
          ExternalId: role.externalId,
        }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Answer.parse(Credentials);
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    } catch (error) {
      // A refusal is not kept: the next call asks again.
      held.delete(account);
      throw error;
    }
  }

  return (account) => () => current(account);
}
