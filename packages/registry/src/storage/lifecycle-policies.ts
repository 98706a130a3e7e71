import { randomUUID } from "node:crypto";
import type { Sql } from "./database.ts";

/** A repository's lifecycle policy. Times in milliseconds since the epoch. */
export type StoredLifecyclePolicy = {
  readonly repositoryId: number;
  /** UUID; a policy that is deleted and set again has another one. */
  readonly id: string;
  /** Counts how often it was set. */
  readonly version: number;
  /** As ECR gives it back. */
  readonly text: string;
  readonly setAt: number;
  readonly evaluatedAt: number | null;
};

export function findLifecyclePolicy(sql: Sql, repositoryId: number): StoredLifecyclePolicy | undefined {
  return sql.get`SELECT * FROM lifecyclePolicies WHERE repositoryId = ${repositoryId}` as
    | StoredLifecyclePolicy
    | undefined;
}

export function listLifecyclePolicies(sql: Sql): readonly StoredLifecyclePolicy[] {
  return sql.all`SELECT * FROM lifecyclePolicies ORDER BY repositoryId` as StoredLifecyclePolicy[];
}

export function setLifecyclePolicy(
  sql: Sql,
  repositoryId: number,
  policy: { readonly text: string; readonly at: number },
): void {
  sql.run`INSERT INTO lifecyclePolicies (repositoryId, id, version, text, setAt)
    VALUES (${repositoryId}, ${randomUUID()}, 1, ${policy.text}, ${policy.at})
    ON CONFLICT DO UPDATE SET version = version + 1, text = excluded.text, setAt = excluded.setAt`;
}

export function setEvaluated(sql: Sql, repositoryId: number, at: number): void {
  sql.run`UPDATE lifecyclePolicies SET evaluatedAt = ${at} WHERE repositoryId = ${repositoryId}`;
}

export function deleteLifecyclePolicy(sql: Sql, repositoryId: number): void {
  sql.run`DELETE FROM lifecyclePolicies WHERE repositoryId = ${repositoryId}`;
}

/** Repositories without a policy that hold an image with a subject. */
export function listReferrerHoldersWithoutPolicy(sql: Sql): readonly number[] {
  const rows = sql.all`SELECT DISTINCT repositoryId FROM images WHERE subject IS NOT NULL
    AND repositoryId NOT IN (SELECT repositoryId FROM lifecyclePolicies) ORDER BY repositoryId`;
  return rows.map((row) => Number(row["repositoryId"]));
}
