import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import { type RepositoryRef, repositoryArn } from "@tallyman/domain/registry/repository";
import { EcrError } from "../core/errors.ts";
import { getAccountSetting } from "../storage/account-settings.ts";
import type { Sql } from "../storage/database.ts";
import { findRegistryPolicy } from "../storage/registry-settings.ts";
import { findRepository } from "../storage/repositories.ts";
import { type PermissionContext, resourceTags } from "./tag-context.ts";

/** `ecr:PutImage` */
export type EcrAction = `ecr:${string}`;

export type Permission = {
  readonly caller: Caller;
  readonly action: EcrAction;
  /** What the request itself says, by condition key: its tags. */
  readonly context?: PermissionContext;
};

/** Asks whether somebody may do something here; each throws AccessDeniedException. */
export type Permits = {
  /** On a repository, which need not exist: its own policy and its registry's count. */
  onRepository(permission: Permission, ref: RepositoryRef): void;
  /** On what has no resource of its own, by the caller's own policies alone. */
  onIdentity(permission: Permission): void;
  /** On a whole registry: its policy counts. */
  onRegistry(permission: Permission, registry: Registry): void;
  /** On every repository of the registry. */
  onAllRepositories(permission: Permission, registry: Registry): void;
  /** Whether `onRepository` would permit it if this were the repository's policy. A refusal is recorded nowhere. */
  wouldPermit(permission: Permission, ref: RepositoryRef, policy: string): boolean;
  /** The same for the requests of one client: conditions see where they come from. */
  from(client: Client | undefined): Permits;
};

export type Client = { readonly address?: string | undefined; readonly userAgent?: string | undefined };

type Asked = {
  readonly resource: string;
  readonly registry: Registry;
  readonly policies: readonly string[];
  readonly context?: PermissionContext;
  readonly hypothetical?: true;
};

/** `client`: condition keys that hold for every request of this client. */
export function createPermits(sql: Sql, authorize: Authorize, client: PermissionContext = {}): Permits {
  function ask(permission: Permission, { registry, policies, context, ...on }: Asked) {
    return authorize({
      ...permission,
      ...on,
      context: { ...client, "aws:requestedregion": registry.region, ...permission.context, ...context },
      resourceAccount: registry.account,
      resourcePolicies: policies.map((text) => JSON.parse(text)),
    });
  }
  function require(permission: Permission, asked: Asked): void {
    const decision = ask(permission, asked);
    if (!decision.allowed) throw new EcrError("AccessDeniedException", decision.message);
  }
  function registryPolicies(registry: Registry, { action }: Permission): readonly string[] {
    const policy = findRegistryPolicy(sql, registry);
    return policy === undefined || isOutOfScope(sql, registry, action) ? [] : [policy];
  }
  function onRepository(permission: Permission, ref: RepositoryRef, policy?: string): Asked {
    const repository = findRepository(sql, ref);
    const own = policy ?? repository?.policy ?? null;
    return {
      resource: repositoryArn(ref),
      registry: ref,
      policies: [...(own === null ? [] : [own]), ...registryPolicies(ref, permission)],
      context: resourceTags(repository?.settings.tags ?? []),
    };
  }
  return {
    onRepository: (permission, ref) => require(permission, onRepository(permission, ref)),
    wouldPermit(permission, ref, policy) {
      return ask(permission, { ...onRepository(permission, ref, policy), hypothetical: true }).allowed;
    },
    onIdentity(permission) {
      // The account owns nothing here that a policy could be attached to; the caller's own is the one that is asked.
      const { account } = permission.caller;
      require(permission, { resource: "*", registry: { account, region: "" }, policies: [] });
    },
    onRegistry(permission, registry) {
      require(permission, { resource: "*", registry, policies: registryPolicies(registry, permission) });
    },
    onAllRepositories(permission, registry) {
      const resource = repositoryArn({ ...registry, repository: "*" });
      require(permission, { resource, registry, policies: registryPolicies(registry, permission) });
    },
    from: (one) => createPermits(sql, authorize, clientKeys(one)),
  };
}

function clientKeys({ address, userAgent }: Client = {}): PermissionContext {
  return {
    ...(address !== undefined && { "aws:sourceip": address }),
    ...(userAgent !== undefined && { "aws:useragent": userAgent }),
  };
}

/** A registry policy of scope V1 spoke of these alone; V2, of every action. */
const V1_ACTIONS: readonly EcrAction[] = [
  "ecr:ReplicateImage",
  "ecr:BatchImportUpstreamImage",
  "ecr:CreateRepository",
];

function isOutOfScope(sql: Sql, registry: Registry, action: EcrAction): boolean {
  return !V1_ACTIONS.includes(action) && getAccountSetting(sql, registry, "REGISTRY_POLICY_SCOPE") === "V1";
}
