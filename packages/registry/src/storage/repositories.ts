import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Sql } from "./database.ts";

export type TagMutability = "MUTABLE" | "IMMUTABLE" | "IMMUTABLE_WITH_EXCLUSION" | "MUTABLE_WITH_EXCLUSION";

export type Encryption = {
  readonly encryptionType: "AES256" | "KMS" | "KMS_DSSE";
  /** ARN of the key or alias; none with AES256. */
  readonly kmsKey?: string | undefined;
};

export type ResourceTag = { readonly key: string; readonly value: string };

/** What CreateRepository fixes or defaults, and what changes it later. */
export type RepositorySettings = {
  readonly tagMutability: TagMutability;
  /** Wildcard filters (`*` = any characters) of the `*_WITH_EXCLUSION` modes. */
  readonly exclusionFilters: readonly string[];
  readonly scanOnPush: boolean;
  readonly encryption: Encryption;
  readonly tags: readonly ResourceTag[];
};

export const DEFAULT_SETTINGS: RepositorySettings = {
  tagMutability: "MUTABLE",
  exclusionFilters: [],
  scanOnPush: false,
  encryption: { encryptionType: "AES256" },
  tags: [],
};

export type Repository = Registry & {
  /** Key of this table; a repository that is deleted and created again has another one. */
  readonly id: number;
  readonly name: string;
  readonly createdAt: number;
  readonly settings: RepositorySettings;
  /** JSON text, as it was set. */
  readonly policy: string | null;
};

type Row = Omit<Repository, "settings"> & { readonly settings: string };

export function findRepository(sql: Sql, ref: RepositoryRef): Repository | undefined {
  const row = sql.get`SELECT * FROM repositories
    WHERE account = ${ref.account} AND region = ${ref.region} AND name = ${ref.repository}`;
  return row === undefined ? undefined : toRepository(row as Row);
}

export function findRepositoryById(sql: Sql, id: number): Repository | undefined {
  const row = sql.get`SELECT * FROM repositories WHERE id = ${id}`;
  return row === undefined ? undefined : toRepository(row as Row);
}

/** Repositories of a registry by name, the ones after `after`, at most `limit`. */
export function listRepositories(
  sql: Sql,
  registry: Registry,
  page: { readonly after: string; readonly limit: number },
): readonly Repository[] {
  const rows = sql.all`SELECT * FROM repositories
    WHERE account = ${registry.account} AND region = ${registry.region} AND name > ${page.after}
    ORDER BY name LIMIT ${page.limit}`;
  return rows.map((row) => toRepository(row as Row));
}

/** Of all registries. */
export function listRepositoryIds(sql: Sql): readonly number[] {
  return sql.all`SELECT id FROM repositories ORDER BY id`.map((row) => Number(row["id"]));
}

export function countRepositories(sql: Sql, { account, region }: Registry): number {
  const row = sql.get`SELECT count(*) AS count FROM repositories WHERE account = ${account} AND region = ${region}`;
  return Number(row?.["count"]);
}

export function insertRepository(
  sql: Sql,
  ref: RepositoryRef,
  created: Omit<Repository, keyof Registry | "id" | "name" | "policy">,
): void {
  sql.run`INSERT INTO repositories (account, region, name, createdAt, settings)
    VALUES (${ref.account}, ${ref.region}, ${ref.repository}, ${created.createdAt}, ${JSON.stringify(created.settings)})`;
}

/** Removes the repository with everything in it: what hangs on images first, in half the time of one cascade. */
export function deleteRepository(sql: Sql, id: number): void {
  sql.run`DELETE FROM tags WHERE repositoryId = ${id}`;
  sql.run`DELETE FROM imageLayers WHERE repositoryId = ${id}`;
  sql.run`DELETE FROM images WHERE repositoryId = ${id}`;
  sql.run`DELETE FROM repositories WHERE id = ${id}`;
}

export function setRepositoryPolicy(sql: Sql, id: number, policy: string | null): void {
  sql.run`UPDATE repositories SET policy = ${policy} WHERE id = ${id}`;
}

export function updateSettings(
  sql: Sql,
  { id, settings }: Repository,
  changed: Partial<RepositorySettings>,
): void {
  sql.run`UPDATE repositories SET settings = ${JSON.stringify({ ...settings, ...changed })} WHERE id = ${id}`;
}

function toRepository(row: Row): Repository {
  return { ...row, settings: parseSettings(row.settings) };
}

/** By their text: every request reads its repository, and most repositories have the same settings. */
const parsed = new Map<string, RepositorySettings>();
const MOST_PARSED = 1_000;

function parseSettings(text: string): RepositorySettings {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  // Settings that came later than the repository have their default.
  const settings = { ...DEFAULT_SETTINGS, ...JSON.parse(text) };
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, settings);
  return settings;
}
