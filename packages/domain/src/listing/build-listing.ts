import { inParallel } from "../inventory/in-parallel.ts";
import type { ManifestStore } from "../inventory/ports.ts";
import type { ImageRecord } from "../inventory/records.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type LayerTable, layerTable } from "./layer-table.ts";
import type { ListedImage, Listing } from "./listing.ts";

export type ListingParts = {
  readonly repository: RepositoryRef;
  readonly asOf: string;
  readonly images: readonly ImageRecord[];
  readonly tagsOf: ReadonlyMap<string, readonly string[]>;
  /** The listing before: what it says of an image's layers holds for ever, so those heads are not read again. */
  readonly before: Listing | undefined;
};

/** Heads that are held at once. */
const HEADS = 1000;
/** Manifests whose edges are written at the same time. */
const EDGES_AT_ONCE = 16;

/**
 * The listing of a repository from its records; reads the heads of manifests that were not listed before, and writes their
 * edges: who is in a listing that stands is found from whatever it names.
 */
export async function buildListing(
  manifests: Pick<ManifestStore, "findHeads" | "putEdges">,
  parts: ListingParts,
): Promise<Listing> {
  const { account, region, repository } = parts.repository;
  const table = layerTable();
  const numbers = await layersOf(manifests, parts, table);
  const { layers, placeOf } = table.sorted();
  const images = parts.images
    .map((image) => {
      const places = numbers.get(image.digest)?.map(placeOf);
      return listed(image, parts.tagsOf.get(image.digest) ?? [], places);
    })
    .sort(byDigest);
  return { account, region, repository, asOf: parts.asOf, images, layers };
}

/** The layers' numbers by image; absent where they are not known. */
async function layersOf(
  manifests: Pick<ManifestStore, "findHeads" | "putEdges">,
  { images, before }: ListingParts,
  table: LayerTable,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const numbers = new Map<string, readonly number[]>();
  const unread = new Set(images.map(({ digest }) => digest));
  for (const { digest, layers } of before?.images ?? []) {
    if (!layers || !unread.delete(digest)) continue;
    numbers.set(digest, table.numbersOf(layers.flatMap((place) => before?.layers[place] ?? [])));
  }
  const digests = [...unread];
  for (let from = 0; from < digests.length; from += HEADS) {
    const heads = await manifests.findHeads(digests.slice(from, from + HEADS));
    await inParallel(heads.values(), EDGES_AT_ONCE, (head) => manifests.putEdges(head));
    for (const { digest, layers } of heads.values()) if (layers) numbers.set(digest, table.numbersOf(layers));
  }
  return numbers;
}

function listed(
  image: ImageRecord,
  tags: readonly string[],
  layers: readonly number[] | undefined,
): ListedImage {
  const { digest, status, mediaType, artifactMediaType, size, pushedAt, lastPulledAt, subject } = image;
  return {
    digest,
    tags: tags.toSorted(),
    status,
    ...(mediaType !== undefined && { mediaType }),
    ...(artifactMediaType !== undefined && { artifactMediaType }),
    ...(size !== undefined && { size }),
    ...(pushedAt !== undefined && { pushedAt }),
    ...(lastPulledAt !== undefined && { lastPulledAt }),
    ...(subject !== undefined && { subject }),
    firstSeenAt: image.firstSeenAt,
    manifest: image.manifest,
    ...(layers && { layers }),
  };
}

function byDigest(a: ListedImage, b: ListedImage): number {
  return a.digest < b.digest ? -1 : 1;
}
