import type { Sql } from "../storage/database.ts";
import { findImage } from "../storage/images.ts";
import { findLayer } from "../storage/layers.ts";
import type { Repository } from "../storage/repositories.ts";
import { EcrError } from "./errors.ts";
import type { ParsedManifest } from "./manifest.ts";

/** Blobs that must lie in the repository: config and layers, but not foreign layers. */
export function blobsOf(manifest: ParsedManifest) {
  const all = manifest.config === undefined ? manifest.layers : [manifest.config, ...manifest.layers];
  return all.filter((blob) => !blob.foreign);
}

/** Throws LayersNotFoundException or ReferencedImagesNotFoundException, naming everything that is missing. */
export function requireContent(sql: Sql, repository: Repository, manifest: ParsedManifest): void {
  const absent = blobsOf(manifest).filter((blob) => findLayer(sql, repository.id, blob.digest) === undefined);
  if (absent.length > 0) {
    const digests = [...new Set(absent.map((blob) => blob.digest))].join(", ");
    throw new EcrError(
      "LayersNotFoundException",
      `Layers with digests '[${digests}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${repository.account}' do not exist`,
    );
  }
  const orphans = manifest.children.filter((child) => findImage(sql, repository.id, child) === undefined);
  if (orphans.length > 0) {
    throw new EcrError(
      "ReferencedImagesNotFoundException",
      `Images with digests '[${orphans.join(", ")}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${repository.account}' do not exist`,
    );
  }
}

/** Compressed layers, by the sizes of the blobs themselves; what a manifest says counts only for foreign layers. */
export function sizeOf(sql: Sql, repository: Repository, manifest: ParsedManifest): number {
  const children = manifest.children.map((child) => findImage(sql, repository.id, child)?.size ?? 0);
  const layers = manifest.layers.map((layer) =>
    layer.foreign ? layer.size : (findLayer(sql, repository.id, layer.digest)?.size ?? 0),
  );
  return layers.reduce((sum, size) => sum + size, 0) + Math.max(0, ...children);
}
