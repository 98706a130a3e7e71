import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { Sql } from "./database.ts";

/** All images of a repository as lifecycle rules see them: three statements, however many images there are. */
export function listLifecycleImages(sql: Sql, repositoryId: number): readonly LifecycleImage[] {
  const images = sql.all`SELECT digest, status, pushedAt, lastPulledAt, lastArchivedAt, lastActivatedAt, subject
    FROM images WHERE repositoryId = ${repositoryId} ORDER BY digest`;
  const tags = grouped(
    sql.all`SELECT digest AS name, tag AS value FROM tags WHERE repositoryId = ${repositoryId} ORDER BY digest, tag`,
  );
  const parents = grouped(
    sql.all`SELECT child AS name, parent AS value FROM children WHERE repositoryId = ${repositoryId}
      ORDER BY child, parent`,
  );
  return images.map((row) => {
    const image = row as Omit<LifecycleImage, "tags" | "parents">;
    return { ...image, tags: tags.get(image.digest) ?? [], parents: parents.get(image.digest) ?? [] };
  });
}

function grouped(rows: readonly Record<string, unknown>[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(rows, (row) => String(row["name"]));
  return new Map([...groups].map(([name, members]) => [name, members.map((row) => String(row["value"]))]));
}
