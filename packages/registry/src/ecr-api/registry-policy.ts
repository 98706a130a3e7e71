import type { Registry } from "@tallyman/domain/registry/registry";
import { registryPolicyNotFound } from "../core/errors.ts";
import type { Sql } from "../storage/database.ts";
import { findRegistryPolicy } from "../storage/registry-settings.ts";

/** The registry's policy; throws RegistryPolicyNotFoundException. */
export function getRegistryPolicy(sql: Sql, registry: Registry): string {
  const policy = findRegistryPolicy(sql, registry);
  if (policy === undefined) throw registryPolicyNotFound(registry);
  return policy;
}
