import type { ManifestStore } from "@tallyman/domain/inventory/ports";
import * as z from "@tallyman/domain/zod";
import { digestPk, edgeKey, manifestKey } from "./layout.ts";
import type { Table } from "./table.ts";

/** Where manifests' bytes lie, by digest. */
export type ManifestBodies = {
  /** Stores the bytes unless they are there already. */
  putBody(digest: string, mediaType: string, bytes: Uint8Array): Promise<void>;
};

const Head = z.object({ digest: z.string() });

/**
 * Manifest heads and edges in the table, bodies in the bucket. The head is written last: where it stands, everything
 * else does too, and a crash before it costs one more read.
 */
export function dynamoManifestStore(table: Table, bodies: ManifestBodies): ManifestStore {
  return {
    hasManifest: async (digest) => (await table.get(manifestKey(digest), Head)) !== undefined,
    async putManifest({ digest, mediaType, bytes, edges }) {
      await bodies.putBody(digest, mediaType, bytes);
      for (const edge of edges) {
        await table.putNew({
          ...edgeKey(digest, edge.kind, edge.digest),
          gsi1pk: digestPk(edge.digest),
          gsi1sk: `E#${edge.kind}#${digest}`,
          parent: digest,
          ...edge,
        });
      }
      await table.putNew({ ...manifestKey(digest), digest, mediaType, size: bytes.byteLength });
    },
  };
}
