import type { Sql } from "../storage/database.ts";
import { countImages, findImage } from "../storage/images.ts";
import { findLayer } from "../storage/layers.ts";
import type { Repository } from "../storage/repositories.ts";
import type { Change } from "./core.ts";
import { EcrError, type EcrErrorCode } from "./errors.ts";
import type { ParsedManifest } from "./manifest.ts";

/** Blobs that must lie in the repository: config and layers, but not foreign layers. */
export function blobsOf(manifest: ParsedManifest) {
  const all = manifest.config === undefined ? manifest.layers : [manifest.config, ...manifest.layers];
  return all.filter((blob) => !blob.foreign);
}

/** Throws LayersNotFoundException or ReferencedImagesNotFoundException, naming everything that is missing. */
export function requireContent(
  { sql, switches }: Change,
  repository: Repository,
  manifest: ParsedManifest,
): void {
  const absent = blobsOf(manifest)
    .map((blob) => blob.digest)
    .filter((digest) => findLayer(sql, repository.id, digest) === undefined);
  if (absent.length > 0) throw missing("LayersNotFoundException", "Layers", { repository, digests: absent });
  const subject = switches.subjectMustExist && manifest.subject !== null ? [manifest.subject] : [];
  const orphans = [...manifest.children, ...subject].filter(
    (digest) => findImage(sql, repository.id, digest) === undefined,
  );
  if (orphans.length > 0)
    throw missing("ReferencedImagesNotFoundException", "Images", { repository, digests: orphans });
}

/** Throws LimitExceededException for a repository that has no room for one image more. */
export function requireRoom({ sql, limits }: Change, repository: Repository): void {
  const most = limits.maxImagesPerRepository;
  if (countImages(sql, repository.id) < most) return;
  throw new EcrError(
    "LimitExceededException",
    `The repository with name '${repository.name}' in registry with id '${repository.account}' already has the maximum ` +
      `allowed number of images which is '${most}'`,
  );
}

function missing(
  code: EcrErrorCode,
  what: string,
  { repository, digests }: { readonly repository: Repository; readonly digests: readonly string[] },
): EcrError {
  return new EcrError(
    code,
    `${what} with digests '[${[...new Set(digests)].join(", ")}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${repository.account}' do not exist`,
  );
}

/** Compressed layers, by the sizes of the blobs themselves; what a manifest says counts only for foreign layers. */
export function sizeOf(sql: Sql, repository: Repository, manifest: ParsedManifest): number {
  const children = manifest.children.map((child) => findImage(sql, repository.id, child)?.size ?? 0);
  const layers = manifest.layers.map((layer) =>
    layer.foreign ? layer.size : (findLayer(sql, repository.id, layer.digest)?.size ?? 0),
  );
  const largest = children.reduce((most, size) => Math.max(most, size), 0);
  return layers.reduce((sum, size) => sum + size, 0) + largest;
}
