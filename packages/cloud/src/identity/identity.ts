import { randomBytes } from "node:crypto";
import type { NamedPolicy } from "@tallyman/domain/iam-policy/evaluate-access";
import { parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import type { AccountsFile } from "./accounts-file.ts";
import { type CustomerPolicies, createCustomerPolicies } from "./customer-policies.ts";
import { managedPolicy } from "./managed-policies.ts";
import { createRole, type Role, type RoleDefinition } from "./roles.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { uniqueId } from "./unique-id.ts";

export type User = {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  /** `AIDA...` */
  readonly id: string;
  readonly policies: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly tags: Readonly<Record<string, string>>;
};

export type AccessKey = { readonly user: User; readonly secretAccessKey: string };

export type IdentityOptions = {
  /** The cloud's clock: sessions end by it. */
  readonly now: () => Date;
  /** The clock of callers outside. */
  readonly wallClock?: () => Date;
  readonly accounts?: AccountsFile;
  /** `aws:PrincipalOrgID` of every principal, if the accounts belong to an organisation. */
  readonly organizationId?: string;
  /** Signs session tokens, >= 32 bytes; random unless given, so that a restart ends all sessions. */
  readonly sessionSecret?: Uint8Array;
};

/** Who there is in the cloud: users with their keys, roles, and sessions of roles. */
export type Identity = {
  readonly now: () => Date;
  readonly wallClock: () => Date;
  readonly organizationId: string | undefined;
  readonly sessions: Sessions;
  /** Managed policies of the accounts' own. A role sees another version of one when it is replaced. */
  readonly policies: CustomerPolicies;
  /** Ids of all accounts that have a user, in the order in which they were declared. */
  accounts(): readonly string[];
  findAccessKey(accessKeyId: string): AccessKey | undefined;
  findUser(arn: string): User | undefined;
  /**
   * Whether a policy may name it, as AWS looks it up when a policy is set: users and roles of the accounts that are here
   * must be there; who there is in other accounts is not known, and taken to be.
   */
  isPrincipal(name: string): boolean;
  findRole(account: string, name: string): Role | undefined;
  findRoleByArn(arn: string): Role | undefined;
  roles(): readonly Role[];
  /** Declares a role, or replaces the one of that name: its sessions are judged by the new policies from the next call on. */
  replaceRole(definition: RoleDefinition): Role;
  removeRole(account: string, name: string): void;
};

const administrators: AccountsFile = {
  accounts: [
    { id: "111122223333", principals: [administrator("test")] },
    { id: "444455556666", principals: [administrator("test2")] },
  ],
};

/** @throws Error when two principals share an access key or a name */
export function createIdentity(options: IdentityOptions): Identity {
  const { now, wallClock = () => new Date(), organizationId } = options;
  const keys = accessKeys([...administrators.accounts, ...(options.accounts?.accounts ?? [])]);
  const users = new Map([...keys.values()].map(({ user }) => [user.arn, user]));
  const roles = new Map<string, Role>();
  const policies = createCustomerPolicies();
  const find = (account: string, name: string) => roles.get(`${account}/${name}`);
  const accounts = new Set([...users.values()].map((user) => user.account));
  const findRoleByArn = (arn: string) => [...roles.values()].find((role) => role.arn === arn);
  return {
    now,
    wallClock,
    organizationId,
    sessions: createSessions(options.sessionSecret ?? randomBytes(32), now),
    policies,
    accounts: () => [...accounts],
    findAccessKey: (accessKeyId) => keys.get(accessKeyId),
    findUser: (arn) => users.get(arn),
    isPrincipal(name) {
      const [, account = "", kind] = /^arn:aws[a-z-]*:iam::(\d{12}):(user|role)\//.exec(name) ?? [];
      if (kind === undefined || !accounts.has(account)) return true;
      return kind === "user" ? users.has(name) : findRoleByArn(name) !== undefined;
    },
    findRole: find,
    findRoleByArn,
    roles: () => [...roles.values()],
    replaceRole(definition) {
      const role = createRole(definition, (arn) => policies.named(arn) ?? managedPolicy(arn));
      roles.set(`${role.account}/${role.name}`, role);
      return role;
    },
    removeRole: (account, name) => void roles.delete(`${account}/${name}`),
  };
}

function accessKeys(accounts: AccountsFile["accounts"]): ReadonlyMap<string, AccessKey> {
  const keys = new Map<string, AccessKey>();
  const arns = new Set<string>();
  for (const { account, principal } of accounts.flatMap(({ id, principals }) =>
    principals.map((principal) => ({ account: id, principal })),
  )) {
    const user = createUser(account, principal);
    if (keys.has(principal.accessKeyId))
      throw new Error(`Two principals have the access key ${principal.accessKeyId}`);
    if (arns.has(user.arn)) throw new Error(`Two principals are called ${user.arn}`);
    arns.add(user.arn);
    keys.set(principal.accessKeyId, { user, secretAccessKey: principal.secretAccessKey });
  }
  return keys;
}

type Principal = AccountsFile["accounts"][number]["principals"][number];

function createUser(account: string, principal: Principal): User {
  const arn = `arn:aws:iam::${account}:user/${principal.name}`;
  const { name, permissionsBoundary, tags = {} } = principal;
  const policies = principal.policies.map((policy, index) => namedPolicy(policy, `${name}-${index}`));
  const boundary = permissionsBoundary && namedPolicy(permissionsBoundary, `${name}-boundary`);
  return { account, name, arn, id: uniqueId("AIDA", arn), policies, ...(boundary && { boundary }), tags };
}

function namedPolicy(policy: Principal["policies"][number], name: string): NamedPolicy {
  return typeof policy === "string"
    ? managedPolicy(policy)
    : { name, document: parsePolicy(policy, "identity") };
}

function administrator(name: string): Principal {
  const policies = ["arn:aws:iam::aws:policy/AdministratorAccess"];
  return { name, accessKeyId: name, secretAccessKey: name, policies };
}
