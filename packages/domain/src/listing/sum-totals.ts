import { type Registry, registryName } from "../registry/registry.ts";
import type { RegistryTotals } from "../registry/registry-records.ts";
import { monthlyCost, type StoragePrices } from "./monthly-cost.ts";
import { hasTagKey } from "./resource-tags.ts";

/** How totals can be added up: what names a line. */
export const TOTALS_BY = ["registry", "account", "region", "resource-tag"] as const;
export type TotalsBy = (typeof TOTALS_BY)[number];

/** One line of totals. What a resource tag's value does not count is absent. */
export type TotalsLine = {
  /** `111122223333/us-east-1`, `111122223333`, `us-east-1` or `team=web`. */
  readonly name: string;
  readonly repositories: number;
  readonly images: number;
  readonly billedBytes: number;
  readonly tags?: number;
  readonly openViolations?: number;
  /** Billed more than once because several repositories of a registry hold the same layer; part of `billedBytes`. */
  readonly sharedBytes?: number;
  readonly imagesOfUnknownSize?: number;
  /** USD a month at the policy's prices, not rounded. */
  readonly monthlyCost?: number;
  /** When the oldest of what was added up was counted. */
  readonly asOf: string;
};

export type Summed = {
  readonly lines: readonly TotalsLine[];
  /** Registries that nobody has counted yet, and that are in no line. */
  readonly uncounted: readonly Registry[];
  /** By resource tag: keys that have too many values in some registry, and are not in its lines. */
  readonly leftOutKeys: readonly string[];
};

export type Counted = { readonly registry: Registry; readonly totals: RegistryTotals | undefined };

/** Adds the totals of registries up, in order of name. `key`: the resource tag; absent: every one. */
export function sumTotals(
  counted: readonly Counted[],
  { by, key, prices }: { readonly by: TotalsBy; readonly key?: string; readonly prices: StoragePrices },
): Summed {
  const lines = new Map<string, TotalsLine>();
  for (const { totals } of counted) {
    if (totals === undefined) continue;
    for (const line of by === "resource-tag" ? byTag(totals, { key, prices }) : [whole(totals, by, prices)]) {
      lines.set(line.name, add(lines.get(line.name), line));
    }
  }
  return {
    lines: [...lines.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    uncounted: counted.flatMap(({ registry, totals }) => (totals === undefined ? [registry] : [])),
    leftOutKeys: by === "resource-tag" ? leftOutKeys(counted, key) : [],
  };
}

function whole(
  totals: RegistryTotals,
  by: Exclude<TotalsBy, "resource-tag">,
  prices: StoragePrices,
): TotalsLine {
  const { repositories, images, tags, openViolations, billedBytes, sharedBytes, asOf } = totals;
  const { imagesOfUnknownSize } = totals;
  const name = by === "registry" ? registryName(totals) : totals[by];
  const counts = { repositories, images, tags, openViolations };
  return {
    name,
    ...counts,
    billedBytes,
    sharedBytes,
    imagesOfUnknownSize,
    monthlyCost: monthlyCost(totals, prices),
    asOf,
  };
}

function byTag(
  { byResourceTag, asOf }: RegistryTotals,
  { key, prices }: { readonly key: string | undefined; readonly prices: StoragePrices },
): readonly TotalsLine[] {
  return Object.entries(byResourceTag)
    .filter(([name]) => key === undefined || hasTagKey(name, key))
    .map(([name, { archivedBytes, ...counts }]) => {
      if (archivedBytes === undefined) return { name, ...counts, asOf };
      return { name, ...counts, monthlyCost: monthlyCost({ ...counts, archivedBytes }, prices), asOf };
    });
}

function leftOutKeys(counted: readonly Counted[], key: string | undefined): readonly string[] {
  const all = counted.flatMap(({ totals }) => totals?.tagKeysLeftOut ?? []);
  return [...new Set(all)].filter((it) => key === undefined || it === key).toSorted();
}

const SUMS = [
  "tags",
  "openViolations",
  "sharedBytes",
  "imagesOfUnknownSize",
  "monthlyCost",
] as const satisfies readonly (keyof TotalsLine)[];

function add(a: TotalsLine | undefined, b: TotalsLine): TotalsLine {
  if (a === undefined) return b;
  const sums = SUMS.flatMap((name) => {
    const [one, other] = [a[name], b[name]];
    return one === undefined || other === undefined ? [] : [[name, one + other] as const];
  });
  return {
    name: a.name,
    repositories: a.repositories + b.repositories,
    images: a.images + b.images,
    billedBytes: a.billedBytes + b.billedBytes,
    ...Object.fromEntries(sums),
    asOf: [a.asOf, b.asOf].toSorted()[0] ?? b.asOf,
  };
}
