import { createHash } from "node:crypto";
import { Digest } from "@tallyman/domain/image/digest";
import * as z from "zod";
import { invalidParameter } from "./errors.ts";

const IMAGE_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
]);
const INDEX_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
]);
const EMPTY_CONFIG = "application/vnd.oci.empty.v1+json";

/** RFC 6838 `type/subtype`, without parameters: ECR takes none. */
const MediaType = z.string().regex(/^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/);

const Descriptor = z.object({
  mediaType: MediaType,
  digest: Digest,
  size: z.int().nonnegative(),
  urls: z.array(z.string()).optional(),
});

const Common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: MediaType.optional(),
  subject: Descriptor.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
};
const ImageManifest = z.object({ ...Common, config: Descriptor, layers: z.array(Descriptor) });
const IndexManifest = z.object({ ...Common, manifests: z.array(Descriptor) });

type Blob = { readonly digest: string; readonly size: number; readonly foreign: boolean };

/** A manifest's meaning. Its bytes are kept apart and never written anew from this. */
export type ParsedManifest = {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactMediaType: string | null;
  readonly artifactType: string | null;
  readonly subject: string | null;
  readonly annotations: string | null;
  /** Absent in an index. */
  readonly config?: Blob;
  readonly layers: readonly Blob[];
  readonly children: readonly string[];
};

/** The digest by which an image is addressed: over the bytes exactly as they were received. */
export function digestOfBytes(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * Reads a manifest. `declared` is the Content-Type or `imageManifestMediaType`, needed where the manifest has no
 * `mediaType`. Throws InvalidParameterException at `imageManifest`.
 */
export function parseManifest(bytes: Uint8Array, declared: string | undefined): ParsedManifest {
  const json = parseJson(bytes);
  const mediaType = mediaTypeOf(json, declared);
  if (IMAGE_TYPES.has(mediaType)) return fromImage(parseAs(ImageManifest, json), { bytes, mediaType });
  if (INDEX_TYPES.has(mediaType)) return fromIndex(parseAs(IndexManifest, json), { bytes, mediaType });
  throw invalidParameter("imageManifest", `Unsupported manifest media type '${mediaType}'`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw invalidParameter("ImageManifest", "Invalid JSON syntax");
  }
}

function mediaTypeOf(json: unknown, declared: string | undefined): string {
  const stated = z.looseObject({ mediaType: z.string().optional() }).safeParse(json).data?.mediaType;
  if (stated !== undefined && declared !== undefined && stated !== declared) {
    throw invalidParameter("imageManifestMediaType", `Media type must be the manifest's own, '${stated}'`);
  }
  const mediaType = stated ?? declared;
  if (mediaType === undefined) {
    throw invalidParameter("imageManifestMediaType", "The manifest names no mediaType, so it must be given");
  }
  return mediaType;
}

function parseAs<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidParameter(
    "imageManifest",
    `${issue?.path.join(".") || "manifest"}: ${issue?.message ?? "invalid"}`,
  );
}

type Received = { readonly bytes: Uint8Array; readonly mediaType: string };

function fromImage(manifest: z.infer<typeof ImageManifest>, received: Received): ParsedManifest {
  const configType = manifest.config.mediaType;
  return {
    ...common(manifest, received),
    // Which of the two DescribeImages reports when a manifest has both is not documented; an "empty" config says nothing.
    artifactMediaType: configType === EMPTY_CONFIG ? (manifest.artifactType ?? configType) : configType,
    artifactType: manifest.artifactType ?? configType,
    config: toBlob(manifest.config),
    layers: manifest.layers.map(toBlob),
    children: [],
  };
}

function fromIndex(manifest: z.infer<typeof IndexManifest>, received: Received): ParsedManifest {
  return {
    ...common(manifest, received),
    artifactMediaType: manifest.artifactType ?? null,
    artifactType: manifest.artifactType ?? null,
    layers: [],
    children: [...new Set(manifest.manifests.map((child) => child.digest))],
  };
}

function common(manifest: z.infer<z.ZodObject<typeof Common>>, { bytes, mediaType }: Received) {
  return {
    digest: digestOfBytes(bytes),
    mediaType,
    subject: manifest.subject?.digest ?? null,
    annotations: manifest.annotations === undefined ? null : JSON.stringify(manifest.annotations),
  };
}

/** Foreign layers lie at their `urls`, not in the registry. */
function toBlob(descriptor: z.infer<typeof Descriptor>): Blob {
  const foreign = (descriptor.urls?.length ?? 0) > 0 || /foreign|nondistributable/.test(descriptor.mediaType);
  return { digest: descriptor.digest, size: descriptor.size, foreign };
}
