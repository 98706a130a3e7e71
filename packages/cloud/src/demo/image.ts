import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

/** Bytes with the media type and digest under which a registry knows them. */
export type Blob = { readonly mediaType: string; readonly digest: string; readonly bytes: Uint8Array };

/** A real OCI image: a manifest and the blobs it names; an index has images instead. */
export type DemoImage = {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
  readonly children: readonly DemoImage[];
};

export type DemoContent = {
  /** Path in the layer and its text. */
  readonly files: Readonly<Record<string, string>>;
  readonly architecture?: "amd64" | "arm64";
  readonly labels?: Readonly<Record<string, string>>;
};

const oci = "application/vnd.oci.image";

/** One gzipped layer, a config, a manifest. The same content gives the same digests. */
export async function buildImage({
  files,
  architecture = "amd64",
  labels = {},
}: DemoContent): Promise<DemoImage> {
  const tar = await tarOf(files);
  const layer = blob(`${oci}.layer.v1.tar+gzip`, gzipSync(tar));
  const config = jsonBlob(`${oci}.config.v1+json`, {
    created: "2026-01-01T00:00:00Z",
    architecture,
    os: "linux",
    config: { Labels: labels, Cmd: ["cat", `/${Object.keys(files)[0] ?? ""}`] },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
  });
  const manifest = jsonBlob(`${oci}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, blobs: [config, layer], children: [] };
}

/** One index over an image for each architecture. */
export async function buildIndex(files: DemoContent["files"]): Promise<DemoImage> {
  const architectures = ["amd64", "arm64"] as const;
  const children = await Promise.all(
    architectures.map((architecture) => buildImage({ files, architecture })),
  );
  const manifest = jsonBlob(`${oci}.index.v1+json`, {
    schemaVersion: 2,
    mediaType: `${oci}.index.v1+json`,
    manifests: children.map((child, index) => ({
      ...descriptor(child.manifest),
      platform: { os: "linux", architecture: architectures[index] },
    })),
  });
  return { manifest, blobs: [], children };
}

function jsonBlob(mediaType: string, content: object): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(content)));
}

function blob(mediaType: string, bytes: Uint8Array): Blob {
  return { mediaType, digest: digestOf(bytes), bytes };
}

function descriptor({ mediaType, digest, bytes }: Blob): object {
  return { mediaType, digest, size: bytes.length };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function tarOf(files: DemoContent["files"]): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) archive.entry({ name, mtime: new Date(0) }, text);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
