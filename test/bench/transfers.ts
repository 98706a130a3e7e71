import { createHash } from "node:crypto";
import { expectStatus, headerOf, type Target, WireConnection } from "./wire-client.ts";

export const REPOSITORY = "bench/versus";
const OCTETS = "application/octet-stream";
const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

/** Bytes with their digest, computed before anything is measured. */
export type Content = {
  readonly digest: string;
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
};

/** Bytes that no other seed has and that do not compress well enough to matter to anybody here. */
export function contentOf(seed: string, size: number, chunkSize = 1 << 20): Content {
  const chunks: Uint8Array[] = [];
  const hash = createHash("sha256");
  for (let offset = 0; offset < size; offset += chunkSize) {
    const chunk = Buffer.alloc(Math.min(chunkSize, size - offset), `${seed} ${offset} `);
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { digest: `sha256:${hash.digest("hex")}`, chunks, size };
}

/** POST, PATCH with all bytes, PUT: as docker pushes a layer. */
export async function uploadInChunks(connection: WireConnection, content: Content): Promise<void> {
  const started = await startUpload(connection);
  const patched = await expectStatus(
    202,
    connection.request({ method: "PATCH", path: started, contentType: OCTETS, body: content.chunks }),
  );
  const path = withDigest(locationOf(patched.head), content.digest);
  await expectStatus(201, connection.request({ method: "PUT", path }));
}

/** POST, then PUT with all bytes: as containers/image and crane push a small layer. */
export async function uploadAtOnce(connection: WireConnection, content: Content): Promise<void> {
  const path = withDigest(await startUpload(connection), content.digest);
  await expectStatus(
    201,
    connection.request({ method: "PUT", path, contentType: OCTETS, body: content.chunks }),
  );
}

export async function download(connection: WireConnection, { digest, size }: Content): Promise<void> {
  const path = `/v2/${REPOSITORY}/blobs/${digest}`;
  const { bodyBytes } = await expectStatus(200, connection.request({ method: "GET", path }));
  if (bodyBytes !== size) throw new Error(`${bodyBytes} bytes arrived instead of ${size}`);
}

/** A pull of the manifest. Without `Accept` the other registry would look for an older format. */
export async function getManifest(connection: WireConnection, reference: string): Promise<void> {
  const path = `/v2/${REPOSITORY}/manifests/${reference}`;
  await expectStatus(200, connection.request({ method: "GET", path, accept: MANIFEST }));
}

/** Puts an image of one layer that is there already under `tag`; answers with its digest. */
export async function putManifest(connection: WireConnection, layer: Content, tag: string): Promise<string> {
  const config = contentOf(`config of ${tag}`, 500);
  await uploadAtOnce(connection, config);
  const body = manifestOf(config, layer);
  await putBytes(connection, body, tag);
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

/** Puts many images that differ in one annotation, each under a tag of its own. */
export async function putManifests(
  connection: WireConnection,
  layer: Content,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<void> {
  for (let number = first; number < first + count; number++) {
    await putBytes(connection, manifestOf(layer, layer, { number: String(number) }), `v${number}`);
  }
}

function manifestOf(config: Content, layer: Content, annotations?: Record<string, string>): Buffer {
  const part = (mediaType: string, { digest, size }: Content) => ({ mediaType, digest, size });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: part("application/vnd.docker.container.image.v1+json", config),
      layers: [part("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)],
      annotations,
    }),
  );
}

async function putBytes(connection: WireConnection, body: Buffer, tag: string): Promise<void> {
  const path = `/v2/${REPOSITORY}/manifests/${tag}`;
  await expectStatus(201, connection.request({ method: "PUT", path, contentType: MANIFEST, body: [body] }));
}

/** So many connections, each with the next piece of work as soon as it is free. */
export async function withConnections(
  target: Target,
  count: number,
  work: (connection: WireConnection, index: number) => Promise<void>,
): Promise<void> {
  const connections = await Promise.all(Array.from({ length: count }, () => WireConnection.open(target)));
  try {
    await Promise.all(connections.map(work));
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function startUpload(connection: WireConnection): Promise<string> {
  const path = `/v2/${REPOSITORY}/blobs/uploads/`;
  const { head } = await expectStatus(202, connection.request({ method: "POST", path }));
  return locationOf(head);
}

/** Path and query: some registries answer with a whole URL. */
function locationOf(head: string): string {
  return headerOf(head, "location").replace(/^https?:\/\/[^/]+/, "");
}

function withDigest(location: string, digest: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;
}
