import { Digest } from "../image/digest.ts";
import type { Manifest, ManifestEdge } from "../image/image.ts";
import * as z from "../zod.ts";
import { UnreadableManifestError } from "./errors.ts";

/** ECR takes manifests of up to 4 MiB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Each child becomes an item. The largest real indexes have some dozens (platforms and their attestations). */
const MAX_CHILDREN = 1000;

// https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md; only what leads to other manifests is read,
// so layers, annotations and whatever is nested in them cost nothing.
const Platform = z.object({
  os: z.string().check(z.maxLength(100)),
  architecture: z.string().check(z.maxLength(100)),
  variant: z.optional(z.string().check(z.maxLength(100))),
});
const Descriptor = z.object({ digest: Digest, platform: z.nullish(Platform) });

// One shape for image manifests, indexes (OCI and Docker) and the older artifact manifests: an index has `manifests`,
// any of them may have a `subject` (OCI image-spec 1.1).
const Document = z.object({
  manifests: z.nullish(z.array(Descriptor).check(z.maxLength(MAX_CHILDREN))),
  subject: z.nullish(z.object({ digest: Digest })),
});

/**
 * What a manifest says about other manifests: the children of an index with their platforms (`linux/arm64/v8`), each
 * digest once, and the subject of a referrer. Throws UnreadableManifestError.
 */
export function parseManifest(manifest: Manifest): readonly ManifestEdge[] {
  const parsed = Document.safeParse(readJson(manifest));
  if (!parsed.success) {
    throw new UnreadableManifestError(manifest.digest, z.prettifyError(parsed.error), {
      cause: parsed.error,
    });
  }
  const children = new Map<string, ManifestEdge>();
  for (const { digest, platform } of parsed.data.manifests ?? []) {
    if (children.has(digest)) continue;
    children.set(digest, { kind: "child", digest, ...(platform && { platform: platformName(platform) }) });
  }
  const { subject } = parsed.data;
  return subject
    ? [...children.values(), { kind: "subject", digest: subject.digest }]
    : [...children.values()];
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

function platformName({ os, architecture, variant }: z.infer<typeof Platform>): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}
