import { REGISTRIES_FILE, RESOLVED_FILE, type RegistriesFile, type ResolvedFile } from "./registries-file.ts";
import { type Registry, registryName } from "./registry.ts";

/** The registries that a deployment declares cannot be told from its files; the message says what to run or to change. */
export class UnresolvedRegistriesError extends Error {
  readonly code = "UNRESOLVED_REGISTRIES";

  constructor(message: string) {
    super(message);
    this.name = "UnresolvedRegistriesError";
  }
}

const RESOLVE = `Run "tallyman registries resolve" with credentials that may read the organisation, review the diff of ${RESOLVED_FILE} and commit it.`;

/**
 * Every declared registry, each once: those that are named, then those of the organisation units, unit by unit, account by
 * account, in the order of the unit's Regions. Needs no AWS: the units' accounts stand in the resolved file. Throws
 * UnresolvedRegistriesError.
 */
export function expandUnits(file: RegistriesFile, resolved: ResolvedFile | undefined): readonly Registry[] {
  checkResolved(file, resolved);
  const ofUnits = file.organizationUnits.flatMap(({ id, regions, except }) => {
    const accounts = resolved?.units.find((unit) => unit.id === id)?.accounts ?? [];
    const watched = accounts.filter((account) => !except.includes(account.id));
    return watched.flatMap((account) => regions.map((region) => ({ account: account.id, region })));
  });
  const byName = new Map<string, Registry>();
  for (const registry of [...file.registries, ...ofUnits])
    if (!byName.has(registryName(registry))) byName.set(registryName(registry), registry);
  if (!byName.has(registryName(file.hub)))
    throw new UnresolvedRegistriesError(
      `The hub ${registryName(file.hub)} is not among registries of ${REGISTRIES_FILE}; add it there.`,
    );
  return [...byName.values()];
}

function checkResolved(file: RegistriesFile, resolved: ResolvedFile | undefined): void {
  const declared = file.organizationUnits.map(({ id }) => id);
  const found = resolved?.units.map(({ id }) => id) ?? [];
  if (declared.length > 0 && resolved === undefined)
    throw new UnresolvedRegistriesError(
      `${REGISTRIES_FILE} names organisation units, and there is no ${RESOLVED_FILE} that says which accounts they hold. ${RESOLVE}`,
    );
  const missing = declared.filter((id) => !found.includes(id));
  const surplus = found.filter((id) => !declared.includes(id));
  if (missing.length + surplus.length === 0) return;
  const what = [...missing.map((id) => `${id} is not in it`), ...surplus.map((id) => `${id} is in it alone`)];
  throw new UnresolvedRegistriesError(
    `${RESOLVED_FILE} was resolved from other units than ${REGISTRIES_FILE} names: ${what.join(", ")}. ${RESOLVE}`,
  );
}
