import type { ManifestEdge } from "@tallyman/domain/image/image";
import type { ManifestStore } from "@tallyman/domain/inventory/ports";
import { edgesOf, type ManifestHead } from "@tallyman/domain/manifest/contents";
import { parseManifest } from "@tallyman/domain/manifest/parse-manifest";
import * as z from "@tallyman/domain/zod";
import { digestPk, edgeKey, edgeSortKey, manifestKey } from "./layout.ts";
import { headOf, StoredHead, storedContents } from "./stored-head.ts";
import type { Item, Table } from "./table.ts";

/** Where manifests' bytes lie, by digest. */
export type ManifestBodies = {
  /** Stores the bytes unless they are there already. */
  putBody(digest: string, mediaType: string, bytes: Uint8Array): Promise<void>;
  /** Throws where there are none. */
  getBody(digest: string): Promise<Uint8Array>;
};

const Known = z.lazy(() => z.object({ digest: z.string() }));

/**
 * Manifest heads and edges in the table, bodies in the bucket. The head is written last: where it stands, the body does
 * too, and a crash before it costs one more read. A head's own place in the index by digest is that of its first edge; only
 * those after it are items, written when a repository that has it is counted.
 */
export function dynamoManifestStore(table: Table, bodies: ManifestBodies): ManifestStore {
  return {
    hasManifest: async (digest) => (await table.get(manifestKey(digest), Known)) !== undefined,
    async findHeads(digests) {
      const heads = new Map<string, ManifestHead>();
      for await (const stored of table.getMany([...new Set(digests)].map(manifestKey), StoredHead)) {
        heads.set(stored.digest, headOf(stored) ?? (await fromBody(bodies, stored)));
      }
      return heads;
    },
    async putManifest({ digest, mediaType, bytes, contents }) {
      await bodies.putBody(digest, mediaType, bytes);
      const [edge] = edgesOf(contents);
      const first = edge && edgeItem(digest, edge);
      await table.putNew({
        ...(first && { gsi1pk: first["gsi1pk"], gsi1sk: first["gsi1sk"] }),
        ...manifestKey(digest),
        digest,
        mediaType,
        size: bytes.byteLength,
        ...storedContents(contents),
      });
    },
    async putEdges(head) {
      for (const edge of edgesOf(head).slice(1)) await table.putNew(edgeItem(head.digest, edge));
    },
  };
}

function edgeItem(parent: string, { kind, digest: child, platform }: ManifestEdge): Item {
  return {
    ...edgeKey(parent, kind, child),
    gsi1pk: digestPk(child),
    gsi1sk: edgeSortKey(kind, parent),
    parent,
    kind,
    digest: child,
    ...(platform !== undefined && { platform }),
  };
}

async function fromBody(
  bodies: ManifestBodies,
  { digest, mediaType, size }: StoredHead,
): Promise<ManifestHead> {
  const bytes = await bodies.getBody(digest);
  return { digest, mediaType, size, ...parseManifest({ digest, mediaType, bytes }) };
}
