import type { ImageStatus } from "../image/image.ts";
import { matchesGlob } from "../policy/glob.ts";
import type { ListedImage } from "./listing.ts";

/** By what a repository's images can be put in order. */
export const IMAGE_ORDERS = ["pushed", "pulled", "size"] as const;
export type ImageOrder = (typeof IMAGE_ORDERS)[number];

export type ImageSelection = {
  readonly sort: ImageOrder;
  readonly order: "ascending" | "descending";
  /** Images with a tag that matches; absent: untagged ones too. */
  readonly tagGlob?: string;
  readonly status?: ImageStatus;
};

/** Where an image stands in an order: after everything before it, before everything after it, in any listing. */
export type ImagePlace = { readonly value?: string | number; readonly digest: string };

/** What of an image its place depends on. */
export type Placed = {
  readonly digest: string;
  readonly pushedAt?: string | undefined;
  readonly lastPulledAt?: string | undefined;
  readonly size?: number | undefined;
};

export function placeOf(image: Placed, sort: ImageOrder): ImagePlace {
  const value = VALUES[sort](image);
  return { digest: image.digest, ...(value !== undefined && { value }) };
}

/**
 * The images of a listing that are asked for, in the order asked for, as a new list; `after`: only those behind that place.
 * Those that have no such value (never pulled, no size) come last either way; equal ones are in order of digest, so that
 * every list is the same every time.
 */
export function selectImages(
  images: readonly ListedImage[],
  { sort, order, tagGlob, status }: ImageSelection,
  after?: ImagePlace,
): readonly ListedImage[] {
  const compare = comparing(order);
  return images
    .filter((image) => status === undefined || image.status === status)
    .filter(({ tags }) => tagGlob === undefined || tags.some((tag) => matchesGlob(tagGlob, tag)))
    .map((image) => ({ image, place: placeOf(image, sort) }))
    .filter(({ place }) => after === undefined || compare(place, after) > 0)
    .sort((a, b) => compare(a.place, b.place))
    .map(({ image }) => image);
}

/** Which of two images comes first, whatever listings they are from. */
export function compareImages({ sort, order }: Pick<ImageSelection, "sort" | "order">) {
  const compare = comparing(order);
  return (a: Placed, b: Placed): number => compare(placeOf(a, sort), placeOf(b, sort));
}

function comparing(order: ImageSelection["order"]) {
  const direction = order === "ascending" ? 1 : -1;
  return (a: ImagePlace, b: ImagePlace): number => {
    if (a.value === b.value) return a.digest < b.digest ? -1 : Number(a.digest > b.digest);
    if (a.value === undefined) return 1;
    if (b.value === undefined) return -1;
    return a.value < b.value ? -direction : direction;
  };
}

const VALUES = {
  pushed: ({ pushedAt }) => pushedAt,
  pulled: ({ lastPulledAt }) => lastPulledAt,
  size: ({ size }) => size,
} satisfies Record<ImageOrder, (image: Placed) => string | number | undefined>;
