import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { countImages } from "./images.ts";
import { MIGRATIONS } from "./migrations/migrations.ts";
import { findDocument, listDocuments } from "./registry-documents.ts";

describe("the version of the data", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tallyman-database-"));
    path = join(directory, "registry.db");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function writtenAt(version: number): void {
    const database = new DatabaseSync(path);
    for (const step of MIGRATIONS.slice(0, version)) database.exec(step);
    database.exec("INSERT INTO secrets (name, value) VALUES ('kept', 'yes')");
    database.exec(`PRAGMA user_version = ${version}`);
    database.close();
  }

  function schemaOf(file: string): unknown {
    const database = new DatabaseSync(file);
    const schema = database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
    const version = database.prepare("PRAGMA user_version").get();
    database.close();
    return { schema, version };
  }

  test.each(MIGRATIONS.map((_, index) => index + 1))("opens data of version %i as new data", (version) => {
    writtenAt(version);
    const database = openDatabase(path);
    expect(database.sql.all`SELECT value FROM secrets WHERE name = 'kept'`).toEqual([{ value: "yes" }]);
    database.close();
    const fresh = join(directory, "fresh.db");
    openDatabase(fresh).close();
    expect(schemaOf(path)).toEqual(schemaOf(fresh));
    expect(schemaOf(path)).toMatchObject({ version: { user_version: MIGRATIONS.length } });
  });

  test("counts the images that older data has", () => {
    const database = new DatabaseSync(path);
    for (const step of MIGRATIONS.slice(0, 5)) database.exec(step);
    database.exec(`INSERT INTO repositories (id, account, region, name, createdAt, settings)
      VALUES (1, '111122223333', 'us-east-1', 'a', 0, '{}'), (2, '111122223333', 'us-east-1', 'b', 0, '{}')`);
    for (const digest of ["x", "y"])
      database.exec(`INSERT INTO images (repositoryId, digest, manifest, mediaType, size, status, pushedAt)
        VALUES (2, '${digest}', x'00', 'm', 0, 'ACTIVE', 0)`);
    database.exec("PRAGMA user_version = 5");
    database.close();
    const { sql, close } = openDatabase(path);
    expect([countImages(sql, 1), countImages(sql, 2)]).toEqual([0, 2]);
    sql.run`DELETE FROM images WHERE digest = 'x'`;
    expect(countImages(sql, 2)).toBe(1);
    close();
  });

  test("finds what older data has under a prefix with a slash by the prefix, and keeps the one that was there without", () => {
    writtenAt(6);
    const database = new DatabaseSync(path);
    const insert = database.prepare(
      "INSERT INTO registryDocuments VALUES ('111122223333', 'us-east-1', 'creationTemplate', ?, ?)",
    );
    for (const prefix of ["a/", "b", "b/", "c/d/"]) insert.run(prefix, JSON.stringify({ prefix }));
    database.close();
    const { sql, close } = openDatabase(path);
    const registry = { account: "111122223333", region: "us-east-1" };
    const found = listDocuments(sql, registry, { kind: "creationTemplate", after: "", limit: 10 });
    expect(found.map(({ prefix }) => prefix)).toEqual(["a/", "b", "c/d/"]);
    for (const [name, prefix] of [
      ["a", "a/"],
      ["b/", "b"],
      ["c/d/", "c/d/"],
    ] as const)
      expect(findDocument(sql, registry, { kind: "creationTemplate", name })?.prefix).toBe(prefix);
    close();
  });

  test("refuses data of a newer version and says so, and leaves it as it was", () => {
    writtenAt(MIGRATIONS.length);
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    const before = schemaOf(path);
    expect(() => openDatabase(path)).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining("Update it") }),
      }),
    );
    expect(schemaOf(path)).toEqual(before);
  });
});
