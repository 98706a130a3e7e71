import type { SummaryStore } from "../inventory/ports.ts";
import type { RepositorySummary } from "../inventory/records.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryTotals } from "../registry/registry-records.ts";
import type { Layer } from "./listing.ts";
import type { ListingStore } from "./ports.ts";
import { resourceTagTally } from "./resource-tags.ts";
import { sharedBytesCounter } from "./shared-bytes.ts";

export type TotalsDeps = {
  readonly summaries: Pick<SummaryStore, "listSummaries">;
  readonly listings: Pick<ListingStore, "findListing">;
};

/** A registry's totals without their fence. */
export type Totals = Omit<RegistryTotals, "version">;

/**
 * What a registry holds, from the summaries and listings of its repositories, one at a time: the layers seen take 16 to 32
 * bytes each, everything else nothing to speak of. Repositories that are gone count for nothing. Put it with the version
 * after that of the totals that were read before.
 */
export async function totalsOf(
  { summaries, listings }: TotalsDeps,
  { registry, now }: { readonly registry: Registry; readonly now: Date },
): Promise<Totals> {
  const totals = totalling(registry, now);
  for await (const summary of summaries.listSummaries(registry)) {
    if (summary.goneAt !== undefined) continue;
    totals.add(summary, (await listings.findListing(summary))?.layers ?? []);
  }
  return totals.sum();
}

/** Adds repositories up: each with its summary, and its layers, each once. */
export function totalling({ account, region }: Registry, now: Date) {
  const counts = { repositories: 0, images: 0, tags: 0, openViolations: 0 };
  const bytes = { billedBytes: 0, archivedBytes: 0, imagesOfUnknownSize: 0 };
  const tagged = resourceTagTally();
  const shared = sharedBytesCounter();
  return {
    add(summary: RepositorySummary, layers: Iterable<Layer>): void {
      counts.repositories += 1;
      for (const name of ["images", "tags", "openViolations"] as const) counts[name] += summary[name];
      for (const name of ["billedBytes", "archivedBytes", "imagesOfUnknownSize"] as const) {
        bytes[name] += summary[name] ?? 0;
      }
      for (const layer of layers) shared.add(layer);
      tagged.add(summary);
    },
    sum(): Totals {
      const sharedBytes = shared.bytes();
      return { account, region, asOf: now.toISOString(), ...counts, ...bytes, sharedBytes, ...tagged.sum() };
    },
  };
}
