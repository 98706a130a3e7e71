import type { RepositorySummary } from "../inventory/records.ts";
import type { RegistryTotals } from "../registry/registry-records.ts";

export type TaggedTotals = Pick<RegistryTotals, "byResourceTag" | "tagKeysLeftOut">;
type Line = RegistryTotals["byResourceTag"][string];
type Counted = { -readonly [Name in keyof Line]-?: number };

/** Of an item's 400 KB; the rest of a registry's totals is small. */
const MOST_BYTES = 300_000;
/** What the numbers of a line take beside its name, and more. */
const LINE_BYTES = 150;
const MOST_KEYS_NAMED = 100;
const UTF8 = new TextEncoder();

/** `key=value`. A `=` in the key is written `%3D`: AWS allows it there, and no `%`. */
export function tagName(key: string, value: string): string {
  return `${key.replaceAll("=", "%3D")}=${value}`;
}

export function hasTagKey(name: string, key: string): boolean {
  return name.startsWith(tagName(key, ""));
}

/**
 * Adds repositories up by resource tag. All lines of a registry are one item: when they do not fit, the keys with the most
 * values are left out, which name a repository rather than group several (`Name`, `aws:cloudformation:stack-id`).
 */
export function resourceTagTally() {
  const byKey = new Map<string, Map<string, Counted>>();
  return {
    add(summary: RepositorySummary): void {
      for (const [key, value] of Object.entries(summary.resourceTags ?? {})) {
        const values = byKey.get(key) ?? new Map<string, Counted>();
        byKey.set(key, values);
        const line = values.get(value) ?? { repositories: 0, images: 0, billedBytes: 0, archivedBytes: 0 };
        values.set(value, line);
        line.repositories += 1;
        line.images += summary.images;
        line.billedBytes += summary.billedBytes ?? 0;
        line.archivedBytes += summary.archivedBytes ?? 0;
      }
    },
    sum(): TaggedTotals {
      const lines: [string, Counted][] = [];
      const leftOut: string[] = [];
      let free = MOST_BYTES;
      for (const [key, values] of [...byKey].sort(fewestValuesFirst)) {
        const its = [...values].map(([value, line]) => [tagName(key, value), line] as [string, Counted]);
        const bytes = its.reduce((sum, [name]) => sum + UTF8.encode(name).length + LINE_BYTES, 0);
        if (bytes > free) leftOut.push(key);
        else {
          free -= bytes;
          lines.push(...its);
        }
      }
      const byResourceTag = Object.fromEntries(lines.sort(byName));
      const named = leftOut.sort().slice(0, MOST_KEYS_NAMED);
      return { byResourceTag, ...(named.length > 0 && { tagKeysLeftOut: named }) };
    },
  };
}

type Values = readonly [string, ReadonlyMap<string, Counted>];

function fewestValuesFirst([a, some]: Values, [b, others]: Values): number {
  return some.size - others.size || (a < b ? -1 : 1);
}

function byName([a]: readonly [string, Counted], [b]: readonly [string, Counted]): number {
  return a < b ? -1 : 1;
}
