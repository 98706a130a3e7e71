import { SIGNED_SCHEMA1, UNSIGNED_SCHEMA1 } from "./docker-schema1.ts";
import { digestOfBytes } from "./manifest.ts";

/** A manifest as it is sent: its own bytes, or what was made of them. */
export type SentManifest = {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
};

const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";

/** Docker's media types and what OCI calls the same bytes. */
const PAIRS = [
  [DOCKER, OCI],
  ["application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"],
  ["application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"],
  ["application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip"],
  ["application/vnd.docker.image.rootfs.diff.tar.zstd", "application/vnd.oci.image.layer.v1.tar+zstd"],
  [
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  ],
] as const;
const TO_OCI: ReadonlyMap<string, string> = new Map(PAIRS);
const TO_DOCKER: ReadonlyMap<string, string> = new Map(PAIRS.map(([docker, oci]) => [oci, docker]));

type Descriptor = { readonly mediaType: string };
type ImageManifest = {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: unknown;
  readonly artifactType?: unknown;
};

/**
 * An image manifest pulled by tag, for a client that takes its other form only: Docker's schema 2 and OCI's differ in their
 * media types alone (Amazon ECR User Guide, "Container image manifest format support"). Everything else goes as it is:
 * indexes, artifacts, what the client takes, and what it could not take in any form. A converted manifest has a digest of
 * its own, by which it cannot be pulled.
 *
 * `accepted`: media types, also with parameters and wildcards as in `Accept`; none accept everything.
 */
export function convertManifest(stored: SentManifest, accepted: readonly string[]): SentManifest {
  const takes = acceptance(accepted);
  if (takes(stored.mediaType)) return stored;
  if (stored.mediaType === DOCKER && takes(OCI)) return convert(stored, OCI, TO_OCI) ?? stored;
  if (stored.mediaType === OCI && takes(DOCKER)) return convert(stored, DOCKER, TO_DOCKER) ?? stored;
  return stored;
}

/**
 * The form of schema 1 for a client that takes nothing newer, when an image of schema 2 is stored: OCI's images are not made
 * into it, nor is it into anything (Amazon ECR User Guide, "Container image manifest format support").
 */
export function schema1Wanted(
  { mediaType }: Pick<SentManifest, "mediaType">,
  accepted: readonly string[],
): typeof SIGNED_SCHEMA1 | typeof UNSIGNED_SCHEMA1 | undefined {
  if (mediaType !== DOCKER) return undefined;
  const takes = acceptance(accepted);
  if (takes(DOCKER) || takes(OCI)) return undefined;
  return [SIGNED_SCHEMA1, UNSIGNED_SCHEMA1].find((type) => takes(type));
}

function acceptance(accepted: readonly string[]): (type: string) => boolean {
  const types = accepted.map((type) => type.split(";", 1)[0]?.trim().toLowerCase() ?? "");
  return (type) =>
    types.length === 0 || types.some((it) => it === type || it === "*/*" || it === "application/*");
}

function convert(
  stored: SentManifest,
  mediaType: string,
  names: ReadonlyMap<string, string>,
): SentManifest | undefined {
  // It was parsed when it was pushed.
  const manifest = JSON.parse(Buffer.from(stored.bytes).toString()) as ImageManifest;
  if (manifest.subject !== undefined || manifest.artifactType !== undefined) return undefined;
  const renamed = [manifest.config, ...manifest.layers].map((descriptor) => rename(descriptor, names));
  const [config, ...layers] = renamed.filter((descriptor) => descriptor !== undefined);
  if (config === undefined || layers.length < manifest.layers.length) return undefined;
  const bytes = Buffer.from(JSON.stringify({ ...manifest, mediaType, config, layers }));
  return { bytes, mediaType, digest: digestOfBytes(bytes) };
}

function rename(descriptor: Descriptor, names: ReadonlyMap<string, string>): Descriptor | undefined {
  const mediaType = names.get(descriptor.mediaType);
  return mediaType === undefined ? undefined : { ...descriptor, mediaType };
}
