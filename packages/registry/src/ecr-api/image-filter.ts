import type { ImageStatus } from "@tallyman/domain/image/image";

export type ImageFilter = {
  readonly tagStatus?: "TAGGED" | "UNTAGGED" | "ANY" | undefined;
  readonly imageStatus?: ImageStatus | "ANY" | undefined;
};

/** Is the image one that the filter asks for? Without `imageStatus` only active images are. */
export function matchesFilter(
  filter: ImageFilter,
  image: { readonly status: ImageStatus; readonly tags: readonly string[] },
): boolean {
  const { tagStatus = "ANY", imageStatus = "ACTIVE" } = filter;
  const tagged = image.tags.length > 0;
  const rightTags = tagStatus === "ANY" || (tagStatus === "TAGGED") === tagged;
  return rightTags && (imageStatus === "ANY" || image.status === imageStatus);
}
