import type { ManifestStore } from "@tallyman/domain/inventory/ports";
import { edgesOf, type ManifestHead } from "@tallyman/domain/manifest/contents";
import { type Journal, journaled, newJournal } from "./journal.ts";

/** Heads and edges; bodies are kept too, as the bucket would. A head's write is that of its first edge. */
export function memoryManifestStore(journal: Journal = newJournal()): ManifestStore & {
  readonly bodies: ReadonlyMap<string, Uint8Array>;
  readonly heads: ReadonlyMap<string, ManifestHead>;
  /** `parent kind child` of those after each head's first. */
  readonly edges: ReadonlySet<string>;
} {
  const heads = new Map<string, ManifestHead>();
  const bodies = new Map<string, Uint8Array>();
  const edges = new Set<string>();
  return {
    bodies,
    heads,
    edges,
    hasManifest: async (digest) => heads.has(digest),
    findHeads: async (digests) =>
      new Map(
        digests.flatMap((digest) => {
          const head = heads.get(digest);
          return head ? [[digest, structuredClone(head)]] : [];
        }),
      ),
    putEdges: async (head) => {
      for (const edge of edgesOf(head).slice(1)) {
        const key = `${head.digest} ${edge.kind} ${edge.digest}`;
        if (!edges.has(key)) await journaled(journal, { kind: "edge", key }, () => void edges.add(key));
      }
    },
    putManifest: async ({ digest, mediaType, bytes, contents }) => {
      bodies.set(digest, bytes);
      if (heads.has(digest)) return;
      const head = { digest, mediaType, size: bytes.byteLength, ...structuredClone(contents) };
      await journaled(journal, { kind: "manifest", key: digest }, () => void heads.set(digest, head));
    },
  };
}
