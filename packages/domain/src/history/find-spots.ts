import type { ImageStore, InventoryQueries, TagStore } from "../inventory/ports.ts";
import type { TagInterval, TagPointer } from "../inventory/records.ts";
import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Subject } from "./attribute-deeds.ts";
import { upTo } from "./read-life.ts";

export type SpotDeps = {
  readonly queries: Pick<InventoryQueries, "listImagesByDigest" | "listTagHistory">;
  readonly images: Pick<ImageStore, "findImage">;
  readonly tags: Pick<TagStore, "findTag">;
};

/** What somebody asks about; `registries`: where to look, all of them when nobody said. */
export type Question =
  | { readonly digest: string }
  | {
      readonly registries: readonly Registry[];
      readonly repository: string;
      readonly reference: { readonly tag: string } | { readonly digest: string };
    };

/** The images meant, and of a tag where it points. `more`: there are more than were looked up. */
export type Spots = {
  readonly spots: readonly Subject[];
  readonly pointers: readonly TagPointer[];
  readonly more: boolean;
};

/** In so many places one answer looks. */
const MOST = 20;
const AT_ONCE = 20;

export async function findSpots(deps: SpotDeps, question: Question): Promise<Spots> {
  if ("digest" in question) return everywhere(deps, question.digest);
  const found: { spot: Subject | undefined; pointer: TagPointer | undefined }[] = [];
  const { registries, repository, reference } = question;
  for (let from = 0; from < registries.length; from += AT_ONCE) {
    const places = registries.slice(from, from + AT_ONCE).map((registry) => placeOf(registry, repository));
    found.push(...(await Promise.all(places.map((place) => inPlace(deps, place, reference)))));
  }
  const spots = found.flatMap(({ spot }) => spot ?? []);
  const pointers = found.flatMap(({ pointer }) => pointer ?? []);
  return { spots: spots.slice(0, MOST), pointers, more: spots.length > MOST };
}

function placeOf({ account, region }: Registry, repository: string): RepositoryRef {
  return { account, region, repository };
}

async function everywhere({ queries }: SpotDeps, digest: string): Promise<Spots> {
  const { items, next } = await upTo(MOST, (page) => queries.listImagesByDigest(digest, page));
  const spots = items.map(({ account, region, repository }) => ({
    place: { account, region, repository },
    digest,
  }));
  return { spots, pointers: [], more: next !== undefined };
}

async function inPlace(
  deps: SpotDeps,
  place: RepositoryRef,
  reference: { readonly tag: string } | { readonly digest: string },
) {
  if ("digest" in reference) {
    const record = await deps.images.findImage(place, reference.digest);
    return { pointer: undefined, spot: record && { place, digest: reference.digest } };
  }
  const pointer = await deps.tags.findTag(place, reference.tag);
  const digest = pointer && (pointer.digest ?? (await lastDigest(deps, pointer)));
  return { pointer, spot: digest ? { place, digest } : undefined };
}

/** Where a tag that is gone pointed last. */
async function lastDigest({ queries }: SpotDeps, { tag, ...place }: TagPointer): Promise<string | undefined> {
  const { items } = await upTo<TagInterval>(1000, (page) => queries.listTagHistory(place, tag, page));
  return items.findLast(({ digest }) => digest !== null)?.digest ?? undefined;
}
