import type { Manifest } from "@tallyman/domain/image/image";
import { aDigest, digestOf } from "./digest.ts";

const OCI = "application/vnd.oci.image";

/** A well-formed OCI image manifest; another seed gives another digest. */
export function aManifest(seed = "image", subject?: string): Manifest {
  return asManifest(`${OCI}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, digest: aDigest(`${seed}/config`), size: 233 },
    layers: [{ mediaType: `${OCI}.layer.v1.tar+gzip`, digest: aDigest(`${seed}/layer`), size: 1_048_576 }],
    ...(subject && { subject: { mediaType: `${OCI}.manifest.v1+json`, digest: subject, size: 500 } }),
  });
}

/** An OCI image index over these children, for linux/amd64, linux/arm64, ... in turn. */
export function anIndex(children: readonly Manifest[]): Manifest {
  const architectures = ["amd64", "arm64", "s390x", "ppc64le"];
  return asManifest(`${OCI}.index.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: children.map((child, i) => ({
      mediaType: child.mediaType,
      digest: child.digest,
      size: child.bytes.byteLength,
      platform: { os: "linux", architecture: architectures[i % architectures.length] },
    })),
  });
}

/** Any document as a manifest with the digest of its bytes. */
export function asManifest(mediaType: string, document: unknown): Manifest {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { digest: digestOf(bytes), mediaType, bytes };
}
