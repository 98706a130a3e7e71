/** `DescribeImages.imageStatus`. */
export type ImageStatus = "ACTIVE" | "ARCHIVED" | "ACTIVATING";

/**
 * One image as the registry reports it in one read (`DescribeImages`). Times are ISO 8601 with milliseconds, UTC;
 * `size` is bytes of compressed layers, for an index the largest of its manifests.
 */
export type Image = {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly mediaType?: string;
  readonly artifactMediaType?: string;
  readonly size?: number;
  readonly pushedAt?: string;
  readonly lastPulledAt?: string;
  readonly status: ImageStatus;
  readonly subject?: string;
};

/** A manifest as stored: `bytes` are exactly those whose SHA-256 is `digest`. */
export type Manifest = { readonly digest: string; readonly mediaType: string; readonly bytes: Uint8Array };

/** What a manifest says about other images: children of an index, the subject of a referrer. */
export type ManifestEdge = {
  readonly kind: "child" | "subject";
  readonly digest: string;
  readonly platform?: string;
};
