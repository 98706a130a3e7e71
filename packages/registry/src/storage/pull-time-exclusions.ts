import type { Registry } from "@tallyman/domain/registry/registry";
import type { Sql } from "./database.ts";

export type PullTimeExclusion = { readonly principal: string; readonly createdAt: number };

export function findExclusion(
  sql: Sql,
  registry: Registry,
  principal: string,
): PullTimeExclusion | undefined {
  return sql.get`SELECT principal, createdAt FROM pullTimeExclusions
    WHERE account = ${registry.account} AND region = ${registry.region} AND principal = ${principal}` as
    | PullTimeExclusion
    | undefined;
}

/** Excluded principals (role or user ARNs) in order, all of them: ECR allows 100. */
export function listExclusions(sql: Sql, registry: Registry): readonly PullTimeExclusion[] {
  return sql.all`SELECT principal, createdAt FROM pullTimeExclusions
    WHERE account = ${registry.account} AND region = ${registry.region} ORDER BY principal` as PullTimeExclusion[];
}

export function insertExclusion(sql: Sql, registry: Registry, exclusion: PullTimeExclusion): void {
  sql.run`INSERT INTO pullTimeExclusions
    VALUES (${registry.account}, ${registry.region}, ${exclusion.principal}, ${exclusion.createdAt})`;
}

export function deleteExclusion(sql: Sql, registry: Registry, principal: string): void {
  sql.run`DELETE FROM pullTimeExclusions
    WHERE account = ${registry.account} AND region = ${registry.region} AND principal = ${principal}`;
}
