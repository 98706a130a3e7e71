/** Capacity units that a table has consumed, those of its indexes included. */
export type ConsumedUnits = {
  readonly account: string;
  readonly region: string;
  readonly table: string;
  readonly read: number;
  readonly write: number;
  /** Requests that the front answered, refused conditions included. */
  readonly requests: number;
};

export type UnitsMeter = {
  add(
    place: { readonly account: string; readonly region: string },
    units: readonly { readonly table: string; readonly read: number; readonly write: number }[],
  ): void;
  totals(): readonly ConsumedUnits[];
  reset(): void;
};

/** Running totals per table. */
export function unitsMeter(): UnitsMeter {
  const totals = new Map<string, ConsumedUnits>();
  return {
    add({ account, region }, units) {
      for (const { table, read, write } of units) {
        const key = `${account}/${region}/${table}`;
        const sum = totals.get(key) ?? { account, region, table, read: 0, write: 0, requests: 0 };
        totals.set(key, {
          ...sum,
          read: sum.read + read,
          write: sum.write + write,
          requests: sum.requests + 1,
        });
      }
    },
    totals: () => [...totals.values()],
    reset: () => totals.clear(),
  };
}
