import type { Registry } from "@tallyman/domain/registry/registry";
import type { Sql } from "./database.ts";

export type Layer = { readonly digest: string; readonly size: number };

/** A blob as this repository knows it: the file may be shared, the knowledge is not. */
export function findLayer(sql: Sql, repositoryId: number, digest: string): Layer | undefined {
  return sql.get`SELECT digest, size FROM layers WHERE repositoryId = ${repositoryId} AND digest = ${digest}` as
    | Layer
    | undefined;
}

export function insertLayer(
  sql: Sql,
  repositoryId: number,
  layer: Layer & { readonly uploadedAt: number },
): void {
  sql.run`INSERT INTO layers VALUES (${repositoryId}, ${layer.digest}, ${layer.size}, ${layer.uploadedAt})
    ON CONFLICT DO UPDATE SET uploadedAt = excluded.uploadedAt`;
}

/** Blobs an image is made of, config included. */
export function layersOf(sql: Sql, repositoryId: number, imageDigest: string): readonly Layer[] {
  return sql.all`SELECT layers.digest, layers.size FROM imageLayers
    JOIN layers ON layers.repositoryId = imageLayers.repositoryId AND layers.digest = imageLayers.layerDigest
    WHERE imageLayers.repositoryId = ${repositoryId} AND imageLayers.imageDigest = ${imageDigest}` as Layer[];
}

/**
 * What a layer is to its repository: part of an active image; of images that are all archived; or of none (`unused`), which
 * it is again when it was uploaded anew after all its images had been archived.
 */
export type LayerState = "active" | "archived" | "unused";

/** `undefined` for a layer that the repository does not have. */
export function findLayerState(sql: Sql, repositoryId: number, digest: string): LayerState | undefined {
  const row = sql.get`SELECT uploadedAt,
      EXISTS (SELECT 1 FROM imageLayers JOIN images
        ON images.repositoryId = imageLayers.repositoryId AND images.digest = imageLayers.imageDigest
        WHERE imageLayers.repositoryId = layers.repositoryId AND layerDigest = layers.digest AND status = 'ACTIVE') AS active,
      EXISTS (SELECT 1 FROM imageLayers
        WHERE imageLayers.repositoryId = layers.repositoryId AND layerDigest = layers.digest) AS used
    FROM layers WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
  if (row === undefined) return undefined;
  if (row["active"] === 1) return "active";
  if (row["used"] === 0) return "unused";
  return Number(row["uploadedAt"]) > lastArchived(sql, repositoryId, digest) ? "unused" : "archived";
}

function lastArchived(sql: Sql, repositoryId: number, digest: string): number {
  const row = sql.get`SELECT max(lastArchivedAt) AS at FROM imageLayers JOIN images
      ON images.repositoryId = imageLayers.repositoryId AND images.digest = imageLayers.imageDigest
    WHERE imageLayers.repositoryId = ${repositoryId} AND layerDigest = ${digest}`;
  return Number(row?.["at"] ?? 0);
}

/** Digest of one image that the layer is part of. */
export function findImageOfLayer(sql: Sql, repositoryId: number, digest: string): string | undefined {
  const row = sql.get`SELECT imageDigest FROM imageLayers
    WHERE repositoryId = ${repositoryId} AND layerDigest = ${digest} LIMIT 1`;
  return row === undefined ? undefined : String(row["imageDigest"]);
}

/** Digests of the layers of one repository that no image uses and that were uploaded before `uploadedBefore`. */
export function listUnusedLayers(sql: Sql, repositoryId: number, uploadedBefore: number): readonly string[] {
  const rows = sql.all`SELECT digest FROM layers
    WHERE repositoryId = ${repositoryId} AND uploadedAt < ${uploadedBefore} AND NOT EXISTS (
      SELECT 1 FROM imageLayers
      WHERE imageLayers.repositoryId = layers.repositoryId AND imageLayers.layerDigest = layers.digest)`;
  return rows.map((row) => String(row["digest"]));
}

export function deleteLayer(sql: Sql, repositoryId: number, digest: string): void {
  sql.run`DELETE FROM layers WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
}

/** Does any repository of this registry know the blob? */
export function isBlobKnown(sql: Sql, registry: Registry, digest: string): boolean {
  const row = sql.get`SELECT 1 AS known FROM layers JOIN repositories ON repositories.id = repositoryId
    WHERE digest = ${digest} AND account = ${registry.account} AND region = ${registry.region} LIMIT 1`;
  return row !== undefined;
}
