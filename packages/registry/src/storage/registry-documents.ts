import type { Registry } from "@tallyman/domain/registry/registry";
import type { CreationTemplate } from "./creation-template.ts";
import type { Sql } from "./database.ts";
import type { PullThroughCacheRule } from "./pull-through-cache-rule.ts";

export type RepositoryFilter = { readonly filter: string; readonly filterType: string };

export type ScanningConfiguration = {
  readonly scanType: "BASIC" | "ENHANCED";
  readonly rules: readonly {
    readonly scanFrequency: "SCAN_ON_PUSH" | "CONTINUOUS_SCAN" | "MANUAL";
    readonly repositoryFilters: readonly RepositoryFilter[];
  }[];
};

export type SigningConfiguration = {
  readonly rules: readonly {
    readonly signingProfileArn: string;
    readonly repositoryFilters?: readonly RepositoryFilter[] | undefined;
  }[];
};

/** What a registry has set, by kind: one of each configuration, rules and templates by their prefix. */
export type Documents = {
  readonly scanning: ScanningConfiguration;
  readonly signing: SigningConfiguration;
  readonly pullThroughCacheRule: PullThroughCacheRule;
  readonly creationTemplate: CreationTemplate;
};
export type DocumentKind = keyof Documents;

/** `name` is the prefix; a configuration, of which there is one, has none. */
export type DocumentKey<Kind extends DocumentKind> = { readonly kind: Kind; readonly name?: string };

/**
 * A prefix as that by which a document is found: `team/` is `team`, because a slash is always taken to stand behind it
 * (CreateRepositoryCreationTemplate in the Amazon ECR API Reference). The document shows it as it was given.
 */
export function prefixKey(prefix: string): string {
  return prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
}

export function findDocument<Kind extends DocumentKind>(
  sql: Sql,
  { account, region }: Registry,
  { kind, name = "" }: DocumentKey<Kind>,
): Documents[Kind] | undefined {
  const row = sql.get`SELECT value FROM registryDocuments
    WHERE account = ${account} AND region = ${region} AND kind = ${kind} AND name = ${prefixKey(name)}`;
  return row === undefined ? undefined : JSON.parse(String(row["value"]));
}

/** Documents of a kind by name, the ones after `after`, at most `limit`. */
export function listDocuments<Kind extends DocumentKind>(
  sql: Sql,
  { account, region }: Registry,
  page: { readonly kind: Kind; readonly after: string; readonly limit: number },
): readonly Documents[Kind][] {
  const rows = sql.all`SELECT value FROM registryDocuments
    WHERE account = ${account} AND region = ${region} AND kind = ${page.kind} AND name > ${prefixKey(page.after)}
    ORDER BY name LIMIT ${page.limit}`;
  return rows.map((row) => JSON.parse(String(row["value"])));
}

export function countDocuments(sql: Sql, { account, region }: Registry, kind: DocumentKind): number {
  const row = sql.get`SELECT count(*) AS count FROM registryDocuments
    WHERE account = ${account} AND region = ${region} AND kind = ${kind}`;
  return Number(row?.["count"]);
}

export function putDocument<Kind extends DocumentKind>(
  sql: Sql,
  { account, region }: Registry,
  { kind, name = "", value }: DocumentKey<Kind> & { readonly value: Documents[Kind] },
): void {
  sql.run`INSERT INTO registryDocuments VALUES (${account}, ${region}, ${kind}, ${prefixKey(name)}, ${JSON.stringify(value)})
    ON CONFLICT DO UPDATE SET value = excluded.value`;
}

export function deleteDocument(
  sql: Sql,
  { account, region }: Registry,
  { kind, name = "" }: DocumentKey<DocumentKind>,
): void {
  sql.run`DELETE FROM registryDocuments
    WHERE account = ${account} AND region = ${region} AND kind = ${kind} AND name = ${prefixKey(name)}`;
}
