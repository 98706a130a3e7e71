import type { ManifestEdge } from "../image/image.ts";
import type { Layer } from "../listing/listing.ts";

/** One manifest that an index names. `size`: bytes of the manifest itself, as the index claims. */
export type ManifestChild = {
  readonly digest: string;
  readonly platform?: string;
  readonly size?: number;
};

/** What a manifest says: of other manifests, and of the blobs that the registry stores for it. */
export type ManifestContents = {
  /** Of an index, each digest once, in its order. */
  readonly children: readonly ManifestChild[];
  readonly subject?: string;
  readonly config?: Layer;
  /**
   * Each layer that the registry stores, once; an index has none. Foreign ones, which lie at their `urls`, are left out.
   * Absent: the manifest names layers without their sizes (Docker's schema 1).
   */
  readonly layers?: readonly Layer[];
};

/** A manifest that was read once, without its bytes. `size`: how many those are. */
export type ManifestHead = ManifestContents & {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
};

/** What it says of other manifests: the children in their order, then the subject. */
export function edgesOf({ children, subject }: ManifestContents): readonly ManifestEdge[] {
  const edges: ManifestEdge[] = children.map(({ digest, platform }) => ({
    kind: "child",
    digest,
    ...(platform !== undefined && { platform }),
  }));
  return subject === undefined ? edges : [...edges, { kind: "subject", digest: subject }];
}
