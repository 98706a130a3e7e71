import type { LifecycleAction } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import type { Sql } from "./database.ts";

/** A repository's one preview. Times in milliseconds since the epoch. */
export type StoredPreview = {
  readonly text: string;
  readonly startedAt: number;
  /** How many images it would expire, and archive. */
  readonly expiring: number;
  readonly transitioning: number;
};

export type PreviewResult = {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt: number;
  readonly action: LifecycleAction["type"];
  readonly rulePriority: number;
  readonly storageClass: "STANDARD" | "ARCHIVE";
};

type Row = Omit<PreviewResult, "tags"> & { readonly tags: string };

export function findPreview(sql: Sql, repositoryId: number): StoredPreview | undefined {
  return sql.get`SELECT text, startedAt, expiring, transitioning FROM lifecyclePreviews
    WHERE repositoryId = ${repositoryId}` as StoredPreview | undefined;
}

/** Takes the place of the repository's earlier preview. */
export function replacePreview(
  sql: Sql,
  repositoryId: number,
  preview: { readonly text: string; readonly startedAt: number; readonly results: readonly PreviewResult[] },
): void {
  const { text, startedAt, results } = preview;
  const expiring = results.filter((result) => result.action === "expire").length;
  sql.run`DELETE FROM lifecyclePreviews WHERE repositoryId = ${repositoryId}`;
  sql.run`INSERT INTO lifecyclePreviews
    VALUES (${repositoryId}, ${text}, ${startedAt}, ${expiring}, ${results.length - expiring})`;
  for (const result of results) {
    sql.run`INSERT INTO lifecyclePreviewResults VALUES (${repositoryId}, ${result.digest},
      ${JSON.stringify(result.tags)}, ${result.pushedAt}, ${result.action}, ${result.rulePriority},
      ${result.storageClass})`;
  }
}

/** Results by digest, the ones after `after`, at most `limit`. */
export function listPreviewResults(
  sql: Sql,
  repositoryId: number,
  page: { readonly after: string; readonly limit: number },
): readonly PreviewResult[] {
  const rows = sql.all`SELECT digest, tags, pushedAt, action, rulePriority, storageClass FROM lifecyclePreviewResults
    WHERE repositoryId = ${repositoryId} AND digest > ${page.after} ORDER BY digest LIMIT ${page.limit}`;
  return rows.map((row) => ({ ...(row as Row), tags: JSON.parse((row as Row).tags) }));
}
