import type { ImageStatus } from "../image/image.ts";
import type { Layer, Listing } from "./listing.ts";

/** An image as the bill sees it. `layers` absent: they are not known; an index has none. */
export type SizedImage = {
  readonly digest: string;
  readonly status: ImageStatus;
  readonly layers?: readonly Layer[];
};

export type Billed = {
  /** Each layer once, whatever the storage class. */
  readonly bytes: number;
  /** The part of `bytes` that only archived images have. */
  readonly archivedBytes: number;
  /** Images whose layers are not known: `bytes` is too low by what they alone have. */
  readonly imagesOfUnknownSize: number;
};

/**
 * What ECR bills for these images of one repository: each layer that it stores, once. An index has no size of its own, an
 * image given twice counts once, and a layer that any image has that is not archived is standard storage. Configs and
 * manifests are not counted, as in the image size that ECR itself reports: AWS publishes no figure that holds them.
 * Where two manifests give one layer different sizes the larger counts.
 */
export function billedBytes(images: Iterable<SizedImage>): Billed {
  const standard = new Map<string, number>();
  const archived = new Map<string, number>();
  const unknown = new Set<string>();
  for (const { digest, status, layers } of images) {
    if (layers === undefined) unknown.add(digest);
    const sizes = status === "ARCHIVED" ? archived : standard;
    for (const layer of layers ?? []) {
      sizes.set(layer.digest, Math.max(layer.size, sizes.get(layer.digest) ?? 0));
    }
  }
  let [bytes, archivedBytes] = [0, 0];
  for (const [digest, size] of standard) bytes += Math.max(size, archived.get(digest) ?? 0);
  for (const [digest, size] of archived) if (!standard.has(digest)) archivedBytes += size;
  return { bytes: bytes + archivedBytes, archivedBytes, imagesOfUnknownSize: unknown.size };
}

export type Savings = {
  readonly bytes: number;
  /** Negative where a layer moves to archived storage because only archived images still have it. */
  readonly archivedBytes: number;
  /** Of the removed images: what they alone have comes on top. */
  readonly removedOfUnknownSize: number;
  /** Of the kept ones: what they share with removed images is not saved after all. */
  readonly keptOfUnknownSize: number;
};

/** What is billed less when the images with these digests go: billed before less billed after, nothing else. */
export function savings(all: readonly SizedImage[], removed: ReadonlySet<string>): Savings {
  const before = billedBytes(all);
  const after = billedBytes(all.filter(({ digest }) => !removed.has(digest)));
  return {
    bytes: before.bytes - after.bytes,
    archivedBytes: before.archivedBytes - after.archivedBytes,
    removedOfUnknownSize: before.imagesOfUnknownSize - after.imagesOfUnknownSize,
    keptOfUnknownSize: after.imagesOfUnknownSize,
  };
}

/** A listing's images with their layers. */
export function* sizedImages({
  images,
  layers: all,
}: Pick<Listing, "images" | "layers">): Iterable<SizedImage> {
  for (const { digest, status, layers } of images) {
    if (layers === undefined) yield { digest, status };
    else yield { digest, status, layers: layers.flatMap((place) => all[place] ?? []) };
  }
}
