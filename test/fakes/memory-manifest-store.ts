import type { ManifestStore } from "@tallyman/domain/inventory/ports";
import { type Journal, journaled, newJournal } from "./journal.ts";

/** Heads and edges; bodies are kept too, as the bucket would. */
export function memoryManifestStore(journal: Journal = newJournal()): ManifestStore & {
  readonly bodies: ReadonlyMap<string, Uint8Array>;
  readonly edges: ReadonlySet<string>;
} {
  const heads = new Set<string>();
  const bodies = new Map<string, Uint8Array>();
  const edges = new Set<string>();
  return {
    bodies,
    edges,
    hasManifest: async (digest) => heads.has(digest),
    putManifest: async (manifest) => {
      bodies.set(manifest.digest, manifest.bytes);
      for (const edge of manifest.edges) {
        const key = `${manifest.digest} ${edge.kind} ${edge.digest}`;
        if (!edges.has(key)) await journaled(journal, { kind: "edge", key }, () => void edges.add(key));
      }
      if (heads.has(manifest.digest)) return;
      await journaled(
        journal,
        { kind: "manifest", key: manifest.digest },
        () => void heads.add(manifest.digest),
      );
    },
  };
}
