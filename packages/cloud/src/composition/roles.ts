import { defaultRoles } from "../identity/default-roles.ts";
import type { Identity } from "../identity/identity.ts";
import type { RoleDefinition } from "../identity/roles.ts";
import { rolesOf } from "../identity/snapshot-roles.ts";
import type { Topology } from "../topology/topology.ts";
import { TopologyError } from "../topology/topology-error.ts";

/** Every role of every stack. Roles are global in an account: two stacks may declare one only identically. */
export function declaredRoles(topology: Topology): readonly RoleDefinition[] {
  const roles = new Map<string, RoleDefinition>();
  for (const { snapshot, account } of topology.stacks) {
    for (const role of rolesOf(snapshot, account)) {
      const key = `${account}/${role.name}`;
      const earlier = roles.get(key);
      if (earlier && JSON.stringify(earlier) !== JSON.stringify(role))
        throw new TopologyError([
          `${snapshot.stack}: the role ${role.name} of ${account} is declared twice, differently`,
        ]);
      roles.set(key, role);
    }
  }
  return [...roles.values()];
}

/** What the stacks declare, and in every account the roles that ECS's console would have made. */
export function standingRoles(topology: Topology, accounts: readonly string[]): readonly RoleDefinition[] {
  const declared = declaredRoles(topology);
  const taken = new Set(declared.map(({ account, name }) => `${account}/${name}`));
  const defaults = accounts
    .flatMap(defaultRoles)
    .filter(({ account, name }) => !taken.has(`${account}/${name}`));
  return [...declared, ...defaults];
}

/** Makes the declared roles exactly those of the stacks. */
export function restoreRoles(identity: Identity, declared: readonly RoleDefinition[]): void {
  for (const role of declared) identity.replaceRole(role);
}
