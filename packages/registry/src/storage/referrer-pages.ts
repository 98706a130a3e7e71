import type { Sql } from "./database.ts";
import type { StoredImage } from "./images.ts";

export type ReferrerPage = {
  readonly subject: string;
  /** `null`: of any type. */
  readonly artifactType: string | null;
  /** Digest of the last one seen. */
  readonly after: string;
  /** -1: all. */
  readonly limit: number;
};

/** Active images whose subject this is, by digest. */
export function listReferrerPage(sql: Sql, repositoryId: number, page: ReferrerPage): readonly StoredImage[] {
  const { subject, artifactType, after, limit } = page;
  return sql.all`SELECT digest, mediaType, artifactMediaType, artifactType, annotations, size,
      length(manifest) AS manifestSize, subject, status, pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt
    FROM images WHERE repositoryId = ${repositoryId} AND subject = ${subject} AND status = 'ACTIVE'
      AND (${artifactType} IS NULL OR artifactType = ${artifactType}) AND digest > ${after}
    ORDER BY digest LIMIT ${limit}` as StoredImage[];
}
