import { createHash } from "node:crypto";
import { Digest } from "@tallyman/domain/image/digest";
import * as z from "zod";
import { digestOfSchema1, Schema1Manifest, SIGNED_SCHEMA1, UNSIGNED_SCHEMA1 } from "./docker-schema1.ts";
import { invalidParameter } from "./errors.ts";
import { parseJsonDocument } from "./json-document.ts";
import { DEFAULT_SWITCHES, type Switches } from "./switches.ts";

const IMAGE_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
]);
const INDEX_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
]);
const SCHEMA1_TYPES: ReadonlySet<string> = new Set([SIGNED_SCHEMA1, UNSIGNED_SCHEMA1]);
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
/** One document must not be an image to one client and an index to another (CVE-2021-41190). */
const absent = z.undefined("must not stand in a manifest of this type").optional();
const ImageManifest = z.object({
  ...Common,
  config: Descriptor,
  layers: z.array(Descriptor),
  manifests: absent,
});
const IndexManifest = z.object({
  ...Common,
  manifests: z.array(Descriptor),
  config: absent,
  layers: absent,
});

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
export function parseManifest(
  bytes: Uint8Array,
  declared: string | undefined,
  switches: Pick<Switches, "artifactMediaType"> = DEFAULT_SWITCHES,
): ParsedManifest {
  const json = parseJsonDocument(bytes);
  const mediaType = mediaTypeOf(json, declared);
  const received = { bytes, mediaType };
  if (IMAGE_TYPES.has(mediaType)) return fromImage(parseAs(ImageManifest, json), received, switches);
  if (INDEX_TYPES.has(mediaType)) return fromIndex(parseAs(IndexManifest, json), received);
  if (SCHEMA1_TYPES.has(mediaType)) return fromSchema1(parseAs(Schema1Manifest, json), received);
  throw invalidParameter("imageManifest", `Unsupported manifest media type '${mediaType}'`);
}

const Stated = z.looseObject({ mediaType: z.string().optional(), schemaVersion: z.unknown() });

function mediaTypeOf(json: unknown, declared: string | undefined): string {
  const { mediaType: stated, schemaVersion } = Stated.safeParse(json).data ?? {};
  if (stated !== undefined && declared !== undefined && stated !== declared) {
    throw invalidParameter("imageManifestMediaType", `Media type must be the manifest's own, '${stated}'`);
  }
  const mediaType = stated ?? declared;
  // Docker's first manifests name no type, and its clients sent them as plain JSON.
  if (schemaVersion === 1 && (mediaType === undefined || mediaType === "application/json"))
    return Stated.parse(json)["signatures"] === undefined ? UNSIGNED_SCHEMA1 : SIGNED_SCHEMA1;
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

function fromImage(
  manifest: z.infer<typeof ImageManifest>,
  received: Received,
  switches: Pick<Switches, "artifactMediaType">,
): ParsedManifest {
  const configType = manifest.config.mediaType;
  const artifactType = manifest.artifactType ?? configType;
  // An "empty" config says nothing.
  const byConfig = switches.artifactMediaType === "config" && configType !== EMPTY_CONFIG;
  return {
    ...common(manifest, received),
    artifactMediaType: byConfig ? configType : artifactType,
    artifactType,
    config: toBlob(manifest.config),
    layers: requireSum(manifest.layers.map(toBlob)),
    children: [],
  };
}

/** The sum of what descriptors claim must be a number that can be counted with. */
function requireSum(layers: readonly Blob[]): readonly Blob[] {
  const sum = layers.reduce((bytes, { size }) => bytes + size, 0);
  if (Number.isSafeInteger(sum)) return layers;
  throw invalidParameter("imageManifest", "layers: sizes must add up to at most 9007199254740991");
}

function fromSchema1(
  manifest: z.infer<typeof Schema1Manifest>,
  { bytes, mediaType }: Received,
): ParsedManifest {
  return {
    digest: digestOfSchema1(bytes, manifest),
    mediaType,
    artifactMediaType: null,
    artifactType: null,
    subject: null,
    annotations: null,
    layers: manifest.fsLayers.map(({ blobSum }) => ({ digest: blobSum, size: 0, foreign: false })),
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
