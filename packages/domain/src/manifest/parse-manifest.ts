import { Digest } from "../image/digest.ts";
import type { Manifest } from "../image/image.ts";
import type { Layer } from "../listing/listing.ts";
import * as z from "../zod.ts";
import type { ManifestChild, ManifestContents } from "./contents.ts";
import { UnreadableManifestError } from "./errors.ts";

/** ECR takes manifests of up to 4 MiB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Each child becomes an item. The largest real indexes have some dozens (platforms and their attestations). */
const MAX_CHILDREN = 1000;

// https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md; only what leads to other manifests and to
// stored bytes is read, so annotations and whatever is nested in them cost nothing. One shape for image manifests, indexes
// (OCI and Docker), the older artifact manifests, which have `blobs`, and Docker's schema 1, which has `fsLayers`: an index
// has `manifests`, any of them may have a `subject` (OCI image-spec 1.1).
const Document = z.lazy(() => {
  const text = z.string().check(z.maxLength(100));
  const Platform = z.object({ os: text, architecture: text, variant: z.optional(text) });
  const bytes = z.int().check(z.nonnegative());
  const Child = z.object({ digest: Digest, platform: z.nullish(Platform), size: z.nullish(bytes) });
  const Blob = z.object({
    digest: Digest,
    size: bytes,
    mediaType: z.nullish(z.string()),
    urls: z.nullish(z.array(z.string())),
  });
  return z.object({
    manifests: z.nullish(z.array(Child).check(z.maxLength(MAX_CHILDREN))),
    subject: z.nullish(z.object({ digest: Digest })),
    config: z.nullish(Blob),
    layers: z.nullish(z.array(Blob)),
    blobs: z.nullish(z.array(Blob)),
    fsLayers: z.nullish(z.array(z.unknown())),
  });
});
type Document = z.infer<typeof Document>;
type Blob = NonNullable<Document["layers"]>[number];
type Platform = NonNullable<NonNullable<Document["manifests"]>[number]["platform"]>;

/** What a manifest says of other manifests and of what is stored for it. Throws UnreadableManifestError. */
export function parseManifest(manifest: Manifest): ManifestContents {
  const parsed = Document.safeParse(readJson(manifest));
  if (!parsed.success) {
    throw new UnreadableManifestError(manifest.digest, z.prettifyError(parsed.error), {
      cause: parsed.error,
    });
  }
  const { manifests, subject, config } = parsed.data;
  const layers = layersOf(parsed.data);
  return {
    children: childrenOf(manifests ?? []),
    ...(subject && { subject: subject.digest }),
    ...(config && { config: { digest: config.digest, size: config.size } }),
    ...(layers && { layers }),
  };
}

function childrenOf(manifests: NonNullable<Document["manifests"]>): readonly ManifestChild[] {
  const children = new Map<string, ManifestChild>();
  for (const { digest, platform, size } of manifests) {
    if (children.has(digest)) continue;
    const name = platform ? { platform: platformName(platform) } : {};
    children.set(digest, { digest, ...name, ...(typeof size === "number" && { size }) });
  }
  return [...children.values()];
}

/** Schema 1 names its layers without their sizes. Whoever writes one layer twice, with two sizes, is taken at the larger. */
function layersOf({ layers, blobs, fsLayers }: Document): readonly Layer[] | undefined {
  if (fsLayers && fsLayers.length > 0) return undefined;
  const sizes = new Map<string, number>();
  for (const blob of [...(layers ?? []), ...(blobs ?? [])]) {
    if (!isForeign(blob)) sizes.set(blob.digest, Math.max(blob.size, sizes.get(blob.digest) ?? 0));
  }
  return Array.from(sizes, ([digest, size]) => ({ digest, size }));
}

/**
 * Such a layer lies where its `urls` say: ECR does not ask for it at a push and does not store it. A client that can be told
 * to push it all the same stores it, and nothing shows which did: what it costs then is not counted.
 */
function isForeign({ mediaType, urls }: Blob): boolean {
  return (urls?.length ?? 0) > 0 || /foreign|nondistributable/.test(mediaType ?? "");
}

function readJson({ digest, bytes }: Manifest): unknown {
  if (bytes.byteLength > MAX_MANIFEST_BYTES) {
    throw new UnreadableManifestError(digest, `it has ${bytes.byteLength} bytes, more than ECR takes`);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new UnreadableManifestError(digest, "it is not JSON in UTF-8", { cause });
  }
}

function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}
