import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

/**
 * Writes a real one-layer image as an OCI image layout, which skopeo copies from (`oci:<directory>:<tag>`).
 * The layer is a gzipped tar with one file; the digests follow from `content`.
 */
export async function writeOciLayout(
  content: string,
  tag = "image",
): Promise<{ readonly directory: string; readonly digest: string }> {
  const directory = mkdtempSync(join(tmpdir(), "oci-layout-"));
  mkdirSync(join(directory, "blobs", "sha256"), { recursive: true });
  const tar = await tarOf("hello.txt", content);
  const layer = putBlob(directory, gzipSync(tar), "application/vnd.oci.image.layer.v1.tar+gzip");
  const config = putBlob(
    directory,
    Buffer.from(JSON.stringify(configOf(tar))),
    "application/vnd.oci.image.config.v1+json",
  );
  const manifest = putBlob(
    directory,
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config,
        layers: [layer],
      }),
    ),
    "application/vnd.oci.image.manifest.v1+json",
  );
  writeFileSync(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(
    join(directory, "index.json"),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ ...manifest, annotations: { "org.opencontainers.image.ref.name": tag } }],
    }),
  );
  return { directory, digest: manifest.digest };
}

function configOf(tar: Uint8Array): object {
  return {
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["cat", "/hello.txt"] },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    history: [{ created: "2026-11-21T10:00:00Z", created_by: "COPY hello.txt /hello.txt" }],
  };
}

function putBlob(directory: string, bytes: Uint8Array, mediaType: string): Descriptor {
  const digest = digestOf(bytes);
  writeFileSync(join(directory, "blobs", "sha256", digest.slice("sha256:".length)), bytes);
  return { mediaType, digest, size: bytes.length };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function tarOf(name: string, content: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, mtime: new Date(0) }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
