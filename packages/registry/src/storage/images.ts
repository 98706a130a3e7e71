import type { ImageStatus } from "@tallyman/domain/image/image";
import type { Sql } from "./database.ts";

/** One image without its manifest's bytes. Times in milliseconds since the epoch. */
export type StoredImage = {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactMediaType: string | null;
  /** What the referrers list says of it: the manifest's `artifactType`, else its config's media type. */
  readonly artifactType: string | null;
  /** JSON text of the manifest's annotations. */
  readonly annotations: string | null;
  /** Bytes of compressed layers; of an index, the largest of its children. */
  readonly size: number;
  readonly manifestSize: number;
  readonly subject: string | null;
  readonly status: ImageStatus;
  readonly pushedAt: number;
  readonly lastPulledAt: number | null;
  readonly lastArchivedAt: number | null;
  readonly lastActivatedAt: number | null;
};

export type NewImage = Pick<
  StoredImage,
  | "digest"
  | "mediaType"
  | "artifactMediaType"
  | "artifactType"
  | "annotations"
  | "size"
  | "subject"
  | "pushedAt"
> & {
  readonly manifest: Uint8Array;
  readonly layers: readonly string[];
  readonly children: readonly string[];
};

export function findImage(sql: Sql, repositoryId: number, digest: string): StoredImage | undefined {
  return sql.get`SELECT digest, mediaType, artifactMediaType, artifactType, annotations, size,
      length(manifest) AS manifestSize, subject, status, pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt
    FROM images WHERE repositoryId = ${repositoryId} AND digest = ${digest}` as StoredImage | undefined;
}

/** The manifest's bytes, exactly as they were received. */
export function findManifest(sql: Sql, repositoryId: number, digest: string): Uint8Array | undefined {
  const row = sql.get`SELECT manifest FROM images WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
  return row?.["manifest"] as Uint8Array | undefined;
}

/** Images by digest, the ones after `after`, at most `limit`. */
export function listImages(
  sql: Sql,
  repositoryId: number,
  page: { readonly after: string; readonly limit: number },
): readonly StoredImage[] {
  return sql.all`SELECT digest, mediaType, artifactMediaType, artifactType, annotations, size,
      length(manifest) AS manifestSize, subject, status, pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt
    FROM images WHERE repositoryId = ${repositoryId} AND digest > ${page.after}
    ORDER BY digest LIMIT ${page.limit}` as StoredImage[];
}

export function listReferrers(sql: Sql, repositoryId: number, subject: string): readonly StoredImage[] {
  return sql.all`SELECT digest, mediaType, artifactMediaType, artifactType, annotations, size,
      length(manifest) AS manifestSize, subject, status, pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt
    FROM images WHERE repositoryId = ${repositoryId} AND subject = ${subject}
    ORDER BY pushedAt, digest` as StoredImage[];
}

export function hasImages(sql: Sql, repositoryId: number): boolean {
  return sql.get`SELECT 1 AS found FROM images WHERE repositoryId = ${repositoryId} LIMIT 1` !== undefined;
}

/** How many images a repository has, archived ones too. */
export function countImages(sql: Sql, repositoryId: number): number {
  return Number(sql.get`SELECT imageCount FROM repositories WHERE id = ${repositoryId}`?.["imageCount"]);
}

export function insertImage(sql: Sql, repositoryId: number, image: NewImage): void {
  sql.run`INSERT INTO images (repositoryId, digest, manifest, mediaType, artifactMediaType, artifactType, annotations,
      size, subject, status, pushedAt)
    VALUES (${repositoryId}, ${image.digest}, ${image.manifest}, ${image.mediaType}, ${image.artifactMediaType},
      ${image.artifactType}, ${image.annotations}, ${image.size}, ${image.subject}, 'ACTIVE', ${image.pushedAt})`;
  for (const layer of image.layers) {
    sql.run`INSERT OR IGNORE INTO imageLayers VALUES (${repositoryId}, ${image.digest}, ${layer})`;
  }
  for (const child of image.children) {
    sql.run`INSERT OR IGNORE INTO children VALUES (${repositoryId}, ${image.digest}, ${child})`;
  }
}

/** Removes the image, its tags, its edges to children and its replication jobs. */
export function deleteImage(sql: Sql, repositoryId: number, digest: string): void {
  sql.run`DELETE FROM images WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
}

/** Digests of the indexes that contain this image. */
export function parentsOf(sql: Sql, repositoryId: number, child: string): readonly string[] {
  const rows = sql.all`SELECT parent FROM children WHERE repositoryId = ${repositoryId} AND child = ${child}
    ORDER BY parent`;
  return rows.map((row) => String(row["parent"]));
}

export function childrenOf(sql: Sql, repositoryId: number, parent: string): readonly string[] {
  const rows = sql.all`SELECT child FROM children WHERE repositoryId = ${repositoryId} AND parent = ${parent}`;
  return rows.map((row) => String(row["child"]));
}

export function setPullTime(sql: Sql, repositoryId: number, digest: string, at: number): void {
  sql.run`UPDATE images SET lastPulledAt = ${at} WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
}

/** Begins a restore. */
export function setActivating(sql: Sql, repositoryId: number, digest: string, since: number): void {
  sql.run`UPDATE images SET status = 'ACTIVATING', activatingSince = ${since}
    WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
}

export type Activation = { readonly repositoryId: number; readonly digest: string; readonly since: number };

/** Images that are being restored, in every repository, the longest first. */
export function listActivations(sql: Sql): readonly Activation[] {
  return sql.all`SELECT repositoryId, digest, activatingSince AS since FROM images WHERE status = 'ACTIVATING'
    ORDER BY activatingSince, repositoryId, digest` as Activation[];
}

export function setArchived(sql: Sql, repositoryId: number, digest: string, at: number): void {
  sql.run`UPDATE images SET status = 'ARCHIVED', lastArchivedAt = ${at}
    WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
}

export function setActive(sql: Sql, repositoryId: number, digest: string, at: number): void {
  sql.run`UPDATE images SET status = 'ACTIVE', lastActivatedAt = ${at}, activatingSince = NULL
    WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
}
