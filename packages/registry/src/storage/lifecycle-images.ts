import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { Sql } from "./database.ts";

/** Images as lifecycle rules see them, by digest, the ones after `after`: three statements, however many they are. */
export function listLifecycleImages(
  sql: Sql,
  repositoryId: number,
  { after, limit }: { readonly after: string; readonly limit: number },
): readonly LifecycleImage[] {
  const images = sql.all`SELECT digest, status, pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt, subject
    FROM images WHERE repositoryId = ${repositoryId} AND digest > ${after} ORDER BY digest LIMIT ${limit}`;
  const last = String(images.at(-1)?.["digest"] ?? "");
  const tags = grouped(
    sql.all`SELECT digest AS name, tag AS value FROM tags
      WHERE repositoryId = ${repositoryId} AND digest > ${after} AND digest <= ${last} ORDER BY digest, tag`,
  );
  const parents = grouped(
    sql.all`SELECT child AS name, parent AS value FROM children
      WHERE repositoryId = ${repositoryId} AND child > ${after} AND child <= ${last} ORDER BY child, parent`,
  );
  return images.map((row) => {
    const image = row as Omit<LifecycleImage, "tags" | "parents">;
    return { ...image, tags: tags.get(image.digest) ?? [], parents: parents.get(image.digest) ?? [] };
  });
}

/** Whether any image of the repository has a subject. */
export function hasReferrers(sql: Sql, repositoryId: number): boolean {
  const found = sql.get`SELECT 1 FROM images WHERE repositoryId = ${repositoryId} AND subject IS NOT NULL LIMIT 1`;
  return found !== undefined;
}

function grouped(rows: readonly Record<string, unknown>[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, value } of rows) {
    const known = groups.get(String(name));
    if (known === undefined) groups.set(String(name), [String(value)]);
    else known.push(String(value));
  }
  return groups;
}
