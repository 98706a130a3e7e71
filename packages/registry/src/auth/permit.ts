import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import { type RepositoryRef, repositoryArn } from "@tallyman/domain/registry/repository";
import { EcrError } from "../core/errors.ts";
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
};

export function createPermits(sql: Sql, authorize: Authorize): Permits {
  function require(
    permission: Permission,
    on: { resource: string; registry: Registry; policies: string[]; context?: PermissionContext },
  ): void {
    const decision = authorize({
      ...permission,
      resource: on.resource,
      context: { ...permission.context, ...on.context },
      resourceAccount: on.registry.account,
      resourcePolicies: on.policies.map((text) => JSON.parse(text)),
    });
    if (!decision.allowed) throw new EcrError("AccessDeniedException", decision.message);
  }
  function registryPolicies(registry: Registry): string[] {
    const policy = findRegistryPolicy(sql, registry);
    return policy === undefined ? [] : [policy];
  }
  return {
    onRepository(permission, ref) {
      const repository = findRepository(sql, ref);
      const own = repository?.policy ?? null;
      const policies = own === null ? [] : [own];
      require(permission, {
        resource: repositoryArn(ref),
        registry: ref,
        policies: [...policies, ...registryPolicies(ref)],
        context: resourceTags(repository?.settings.tags ?? []),
      });
    },
    onIdentity(permission) {
      // The account owns nothing here that a policy could be attached to; the caller's own is the one that is asked.
      const { account } = permission.caller;
      require(permission, { resource: "*", registry: { account, region: "" }, policies: [] });
    },
    onRegistry(permission, registry) {
      require(permission, { resource: "*", registry, policies: registryPolicies(registry) });
    },
    onAllRepositories(permission, registry) {
      const resource = repositoryArn({ ...registry, repository: "*" });
      require(permission, { resource, registry, policies: registryPolicies(registry) });
    },
  };
}
