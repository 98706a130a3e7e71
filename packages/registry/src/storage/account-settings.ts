import type { Registry } from "@tallyman/domain/registry/registry";
import type { Sql } from "./database.ts";

/** Each setting of PutAccountSetting, its default first: ECR's values of 2026 (CLAIR and V1 were withdrawn). */
export const ACCOUNT_SETTINGS = {
  BASIC_SCAN_TYPE_VERSION: ["AWS_NATIVE"],
  REGISTRY_POLICY_SCOPE: ["V2"],
  BLOB_MOUNTING: ["DISABLED", "ENABLED"],
} as const;

export type AccountSetting = keyof typeof ACCOUNT_SETTINGS;

/** The value of one account in one Region, or ECR's default. */
export function getAccountSetting(sql: Sql, registry: Registry, name: AccountSetting): string {
  const row = sql.get`SELECT value FROM accountSettings
    WHERE account = ${registry.account} AND region = ${registry.region} AND name = ${name}`;
  return row === undefined ? ACCOUNT_SETTINGS[name][0] : String(row["value"]);
}

/** Stores a value; whether it is one of the setting's is for the border to see. */
export function setAccountSetting(
  sql: Sql,
  registry: Registry,
  setting: { readonly name: AccountSetting; readonly value: string },
): void {
  sql.run`INSERT INTO accountSettings VALUES (${registry.account}, ${registry.region}, ${setting.name}, ${setting.value})
    ON CONFLICT DO UPDATE SET value = excluded.value`;
}
