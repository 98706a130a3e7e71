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

/** Forgets blobs that no image uses and that were uploaded before `uploadedBefore`. */
export function deleteUnusedLayers(sql: Sql, uploadedBefore: number): void {
  sql.run`DELETE FROM layers WHERE uploadedAt < ${uploadedBefore} AND NOT EXISTS (
    SELECT 1 FROM imageLayers
    WHERE imageLayers.repositoryId = layers.repositoryId AND imageLayers.layerDigest = layers.digest)`;
}

/** Every blob that some repository of this registry knows. */
export function listBlobDigests(sql: Sql, registry: Registry): ReadonlySet<string> {
  const rows = sql.all`SELECT DISTINCT layers.digest FROM layers JOIN repositories ON repositories.id = repositoryId
    WHERE account = ${registry.account} AND region = ${registry.region}`;
  return new Set(rows.map((row) => String(row["digest"])));
}
