import type { Sql } from "./database.ts";

/** The digest that a tag points to. */
export function findTag(sql: Sql, repositoryId: number, tag: string): string | undefined {
  const row = sql.get`SELECT digest FROM tags WHERE repositoryId = ${repositoryId} AND tag = ${tag}`;
  return row === undefined ? undefined : String(row["digest"]);
}

/** Points the tag to the digest, wherever it pointed before. */
export function moveTag(
  sql: Sql,
  repositoryId: number,
  target: { readonly tag: string; readonly digest: string },
): void {
  sql.run`INSERT INTO tags VALUES (${repositoryId}, ${target.tag}, ${target.digest})
    ON CONFLICT DO UPDATE SET digest = excluded.digest`;
}

export function deleteTag(sql: Sql, repositoryId: number, tag: string): void {
  sql.run`DELETE FROM tags WHERE repositoryId = ${repositoryId} AND tag = ${tag}`;
}

/** An image's tags, in lexical order. */
export function tagsOf(sql: Sql, repositoryId: number, digest: string): readonly string[] {
  const rows = sql.all`SELECT tag FROM tags WHERE repositoryId = ${repositoryId} AND digest = ${digest} ORDER BY tag`;
  return rows.map((row) => String(row["tag"]));
}

/** Tags of active images in lexical order, the ones after `after`, at most `limit`. */
export function listTags(
  sql: Sql,
  repositoryId: number,
  page: { readonly after: string; readonly limit: number },
): readonly string[] {
  const rows = sql.all`SELECT tags.tag FROM tags JOIN images USING (repositoryId, digest)
    WHERE tags.repositoryId = ${repositoryId} AND tags.tag > ${page.after} AND images.status = 'ACTIVE'
    ORDER BY tags.tag LIMIT ${page.limit}`;
  return rows.map((row) => String(row["tag"]));
}

export function countTags(sql: Sql, repositoryId: number, digest: string): number {
  const row = sql.get`SELECT count(*) AS n FROM tags WHERE repositoryId = ${repositoryId} AND digest = ${digest}`;
  return Number(row?.["n"] ?? 0);
}

/** Tags of active images by their digests, the ones after `after`, at most `limit`: in no order that anyone could expect. */
export function listTagsByDigest(
  sql: Sql,
  repositoryId: number,
  page: { readonly after: { readonly digest: string; readonly tag: string }; readonly limit: number },
): readonly { readonly digest: string; readonly tag: string }[] {
  const { after, limit } = page;
  return sql.all`SELECT tags.digest, tags.tag FROM tags JOIN images USING (repositoryId, digest)
    WHERE tags.repositoryId = ${repositoryId} AND (tags.digest, tags.tag) > (${after.digest}, ${after.tag})
      AND images.status = 'ACTIVE'
    ORDER BY tags.digest, tags.tag LIMIT ${limit}` as { digest: string; tag: string }[];
}
