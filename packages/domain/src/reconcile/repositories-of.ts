import type { RegistryReader } from "../image/ports.ts";
import type { SummaryStore } from "../inventory/ports.ts";
import type { Registry } from "../registry/registry.ts";

export type RepositoriesDeps = { readonly registry: RegistryReader; readonly summaries: SummaryStore };

/**
 * Every repository to compare: those of the registry, and those that the inventory knows and the registry no longer has,
 * so that their images close. Each once, in no order.
 */
export async function repositoriesOf(deps: RepositoriesDeps, registry: Registry): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const name of deps.registry.listRepositories(registry)) names.add(name);
  for await (const name of deps.summaries.listRepositories(registry)) names.add(name);
  return [...names];
}
