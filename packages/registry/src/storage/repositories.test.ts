import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { DEFAULT_SETTINGS, findRepository, insertRepository, updateSettings } from "./repositories.ts";

const ref = { account: "111122223333", region: "us-east-1", repository: "team/app" };
let directory: string;
let database: Database;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "repositories-"));
  database = openDatabase(join(directory, "metadata.db"));
  insertRepository(database.sql, ref, { createdAt: 0, settings: DEFAULT_SETTINGS });
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

test("a repository that is older than a setting has its default", () => {
  database.sql
    .run`UPDATE repositories SET settings = ${'{"tagMutability":"IMMUTABLE","exclusionFilters":[],"scanOnPush":true}'}`;
  expect(findRepository(database.sql, ref)?.settings).toEqual({
    tagMutability: "IMMUTABLE",
    exclusionFilters: [],
    scanOnPush: true,
    encryption: { encryptionType: "AES256" },
    tags: [],
  });
});

test("a setting is changed without the others", () => {
  const repository = findRepository(database.sql, ref);
  if (repository === undefined) throw new Error("It was inserted right before");
  updateSettings(database.sql, repository, { scanOnPush: true });
  expect(findRepository(database.sql, ref)?.settings).toEqual({ ...DEFAULT_SETTINGS, scanOnPush: true });
});
