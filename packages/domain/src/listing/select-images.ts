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

/**
 * The images of a listing that are asked for, in the order asked for, as a new list. Those that have no such value (never
 * pulled, no size) come last either way; equal ones are in order of digest, so that every list is the same every time.
 */
export function selectImages(
  images: readonly ListedImage[],
  { sort, order, tagGlob, status }: ImageSelection,
): readonly ListedImage[] {
  const direction = order === "ascending" ? 1 : -1;
  return images
    .filter((image) => status === undefined || image.status === status)
    .filter(({ tags }) => tagGlob === undefined || tags.some((tag) => matchesGlob(tagGlob, tag)))
    .map((image) => ({ image, value: VALUES[sort](image) }))
    .sort((a, b) => {
      if (a.value === b.value) return a.image.digest < b.image.digest ? -1 : 1;
      if (a.value === undefined) return 1;
      if (b.value === undefined) return -1;
      return a.value < b.value ? -direction : direction;
    })
    .map(({ image }) => image);
}

const VALUES = {
  pushed: ({ pushedAt }) => pushedAt,
  pulled: ({ lastPulledAt }) => lastPulledAt,
  size: ({ size }) => size,
} satisfies Record<ImageOrder, (image: ListedImage) => string | number | undefined>;
