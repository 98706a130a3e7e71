import { randomBytes } from "node:crypto";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { Sql } from "./database.ts";

export type ReplicationRule = {
  readonly destinations: readonly Registry[];
  /** PREFIX_MATCH filters on the repository name; empty: every repository. */
  readonly prefixes: readonly string[];
};

export function findRegistryPolicy(sql: Sql, registry: Registry): string | undefined {
  const row = sql.get`SELECT policy FROM registries WHERE account = ${registry.account} AND region = ${registry.region}`;
  return typeof row?.["policy"] === "string" ? row["policy"] : undefined;
}

export function setRegistryPolicy(sql: Sql, registry: Registry, policy: string | null): void {
  sql.run`INSERT INTO registries (account, region, policy) VALUES (${registry.account}, ${registry.region}, ${policy})
    ON CONFLICT DO UPDATE SET policy = excluded.policy`;
}

export function listReplicationRules(sql: Sql, registry: Registry): readonly ReplicationRule[] {
  const row = sql.get`SELECT replication FROM registries
    WHERE account = ${registry.account} AND region = ${registry.region}`;
  return typeof row?.["replication"] === "string" ? JSON.parse(row["replication"]) : [];
}

export function setReplicationRules(sql: Sql, registry: Registry, rules: readonly ReplicationRule[]): void {
  sql.run`INSERT INTO registries (account, region, replication)
    VALUES (${registry.account}, ${registry.region}, ${JSON.stringify(rules)})
    ON CONFLICT DO UPDATE SET replication = excluded.replication`;
}

/** A named secret, drawn on first use and kept: tokens outlive a restart, as ECR's do. */
export function secret(sql: Sql, name: string): Buffer {
  sql.run`INSERT OR IGNORE INTO secrets VALUES (${name}, ${randomBytes(32).toString("base64")})`;
  return Buffer.from(String(sql.get`SELECT value FROM secrets WHERE name = ${name}`?.["value"]), "base64");
}
