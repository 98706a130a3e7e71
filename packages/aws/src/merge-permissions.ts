import type { Permission } from "./permission.ts";

/** The union of several adapters' permissions: one entry per resource, actions once each and sorted. */
export function mergePermissions(...lists: readonly (readonly Permission[])[]): readonly Permission[] {
  const byResource = Map.groupBy(lists.flat(), (permission) => permission.on);
  return [...byResource].map(([on, permissions]) => ({
    actions: [...new Set(permissions.flatMap((permission) => permission.actions))].toSorted(),
    on,
  }));
}
