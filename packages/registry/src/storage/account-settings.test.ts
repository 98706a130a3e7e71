import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ACCOUNT_SETTINGS,
  type AccountSetting,
  getAccountSetting,
  setAccountSetting,
} from "./account-settings.ts";
import { type Database, openDatabase } from "./database.ts";

const registry = { account: "111122223333", region: "us-east-1" };
let directory: string;
let database: Database;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "account-settings-"));
  database = openDatabase(join(directory, "metadata.db"));
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

test.each([
  ["BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE"],
  ["REGISTRY_POLICY_SCOPE", "V2"],
  ["BLOB_MOUNTING", "DISABLED"],
] as const)("%s is %s until it is set", (name, value) => {
  expect(getAccountSetting(database.sql, registry, name)).toBe(value);
});

test("a value holds for one account in one Region, and the last one counts", () => {
  const name = "BLOB_MOUNTING" satisfies AccountSetting;
  setAccountSetting(database.sql, registry, { name, value: "DISABLED" });
  setAccountSetting(database.sql, registry, { name, value: "ENABLED" });
  const elsewhere = [
    { ...registry, region: "us-west-2" },
    { ...registry, account: "444455556666" },
  ];
  expect(getAccountSetting(database.sql, registry, name)).toBe("ENABLED");
  for (const other of elsewhere) {
    expect(getAccountSetting(database.sql, other, name)).toBe(ACCOUNT_SETTINGS.BLOB_MOUNTING[0]);
  }
});
