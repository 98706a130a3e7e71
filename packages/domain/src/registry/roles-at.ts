import type { Registry } from "./registry.ts";

/** Roles are global: of an account's registries the one that is declared first carries them. */
export function rolesAt(declared: readonly Registry[], registry: Registry): Registry {
  return declared.find(({ account }) => account === registry.account) ?? registry;
}
