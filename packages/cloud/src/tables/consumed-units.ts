/** Capacity units that a table has consumed, those of its indexes included, in all or by one principal. */
export type Consumption = {
  readonly read: number;
  readonly write: number;
  /** Requests that the front answered, refused conditions included. */
  readonly requests: number;
  /** Items that were put, updated or deleted: refused conditions change none. */
  readonly itemWrites: number;
};

export type ConsumedUnits = Consumption & {
  readonly account: string;
  readonly region: string;
  readonly table: string;
  /** By role or user. */
  readonly principals: Readonly<Record<string, Consumption>>;
};

/** One answered request: whose it was, the units by table, the items that it changed. */
export type Consumed = {
  readonly account: string;
  readonly region: string;
  readonly principal: string;
  readonly units: readonly { readonly table: string; readonly read: number; readonly write: number }[];
  readonly itemWrites: number;
};

export type UnitsMeter = {
  add(consumed: Consumed): void;
  totals(): readonly ConsumedUnits[];
  reset(): void;
};

const NOTHING: Consumption = { read: 0, write: 0, requests: 0, itemWrites: 0 };

/** Running totals per table. */
export function unitsMeter(): UnitsMeter {
  const totals = new Map<string, ConsumedUnits>();
  return {
    add({ account, region, principal, units, itemWrites }) {
      for (const { table, read, write } of units) {
        const key = `${account}/${region}/${table}`;
        const sum = totals.get(key) ?? { account, region, table, ...NOTHING, principals: {} };
        const more = { read, write, requests: 1, itemWrites };
        const principals = {
          ...sum.principals,
          [principal]: plus(sum.principals[principal] ?? NOTHING, more),
        };
        totals.set(key, { account, region, table, ...plus(sum, more), principals });
      }
    },
    totals: () => [...totals.values()],
    reset: () => totals.clear(),
  };
}

function plus(a: Consumption, b: Consumption): Consumption {
  return {
    read: a.read + b.read,
    write: a.write + b.write,
    requests: a.requests + b.requests,
    itemWrites: a.itemWrites + b.itemWrites,
  };
}

/** How many items a request that succeeded has changed. */
export function itemWritesOf(operation: string, input: unknown): number {
  if (["PutItem", "UpdateItem", "DeleteItem"].includes(operation)) return 1;
  if (operation !== "BatchWriteItem") return 0;
  const { RequestItems } = input as { readonly RequestItems: Readonly<Record<string, readonly unknown[]>> };
  return Object.values(RequestItems).flat().length;
}
