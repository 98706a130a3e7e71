import type { ImageStatus } from "@tallyman/domain/image/image";
import type { Sql } from "./database.ts";

export type ImageId = { readonly digest: string; readonly tag: string | null; readonly status: ImageStatus };

/** One row per digest and tag, by both; `after` is `<digest> <tag>`, the last one seen. At most `limit`. */
export function listImageIds(
  sql: Sql,
  repositoryId: number,
  page: { readonly after: string; readonly limit: number },
): readonly ImageId[] {
  const [digest = "", tag = ""] = page.after.split(" ");
  return sql.all`SELECT images.digest, tags.tag, images.status FROM images LEFT JOIN tags USING (repositoryId, digest)
    WHERE images.repositoryId = ${repositoryId} AND images.digest >= ${digest}
      AND (images.digest > ${digest} OR coalesce(tags.tag, '') > ${tag})
    ORDER BY images.digest, tags.tag LIMIT ${page.limit}` as ImageId[];
}
