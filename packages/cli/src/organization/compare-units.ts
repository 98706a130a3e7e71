import type { ResolvedUnit } from "@tallyman/domain/registry/registries-file";

/** An account that came to a unit, went from it, or is called otherwise now. */
export type AccountChange = {
  readonly change: "came" | "went" | "renamed";
  readonly unit: string;
  readonly account: string;
  readonly name: string;
};

/** What differs, by unit and account; a unit that is no longer declared loses all of its accounts. */
export function compareUnits(
  before: readonly ResolvedUnit[],
  after: readonly ResolvedUnit[],
): readonly AccountChange[] {
  const units = [...new Set([...before, ...after].map(({ id }) => id))].toSorted();
  return units.flatMap((unit) => {
    const old = namesOf(before, unit);
    const now = namesOf(after, unit);
    return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((account) => {
      const change = changeOf(old.get(account), now.get(account));
      return change ? [{ change, unit, account, name: now.get(account) ?? old.get(account) ?? "" }] : [];
    });
  });
}

function namesOf(units: readonly ResolvedUnit[], id: string): ReadonlyMap<string, string> {
  const accounts = units.find((unit) => unit.id === id)?.accounts ?? [];
  return new Map(accounts.map((account) => [account.id, account.name]));
}

function changeOf(
  before: string | undefined,
  after: string | undefined,
): AccountChange["change"] | undefined {
  if (before === after) return undefined;
  if (before === undefined) return "came";
  return after === undefined ? "went" : "renamed";
}
