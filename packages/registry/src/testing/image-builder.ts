import { createHash } from "node:crypto";

export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

export type BuiltManifest = {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
  readonly blobs: readonly Buffer[];
};

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function descriptor(mediaType: string, bytes: Uint8Array) {
  return { mediaType, digest: sha256(bytes), size: bytes.byteLength };
}

/** An image of one layer for each text; `more` are further members of the manifest. */
export function anImage(layers: readonly (string | Buffer)[] = ["layer"], more: object = {}): BuiltManifest {
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", layers: layers.length }));
  const blobs = layers.map((layer) => Buffer.from(layer));
  // Indented on purpose: whoever writes a manifest anew loses its digest.
  const text = JSON.stringify(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: descriptor(OCI_CONFIG, config),
      layers: blobs.map((blob) => descriptor(OCI_LAYER, blob)),
      ...more,
    },
    null,
    3,
  );
  const bytes = Buffer.from(text);
  return { bytes, digest: sha256(bytes), mediaType: OCI_MANIFEST, blobs: [config, ...blobs] };
}

/** Docker's schema 2, of two layers and a step that changed no file: schema 1 can be made of it. */
export function aSchema2Image(): BuiltManifest {
  const layers = ["base", "top"].map((text) => Buffer.from(text));
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      history: [{ created_by: "ADD" }, { created_by: "ENV", empty_layer: true }, { created_by: "RUN" }],
      rootfs: { type: "layers", diff_ids: layers.map(sha256) },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: descriptor(DOCKER_CONFIG, config),
    layers: layers.map((layer) => descriptor(DOCKER_LAYER, layer)),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { bytes, digest: sha256(bytes), mediaType: DOCKER_MANIFEST, blobs: [config, ...layers] };
}

export function anIndex(children: readonly BuiltManifest[]): BuiltManifest {
  const manifests = children.map((child, index) => ({
    ...descriptor(child.mediaType, child.bytes),
    platform: { os: "linux", architecture: ["amd64", "arm64"][index] ?? `cpu${index}` },
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, null, 3));
  return { bytes, digest: sha256(bytes), mediaType: OCI_INDEX, blobs: [] };
}
