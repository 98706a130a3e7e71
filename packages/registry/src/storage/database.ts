import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations/migrations.ts";
import { createSql, type Sql } from "./sql.ts";

export type { Sql } from "./sql.ts";

export type Database = {
  readonly sql: Sql;
  /**
   * Runs `work` in one transaction: committed and on the disk when this returns, undone when `work` throws. `work` is
   * synchronous, so nothing else of this process can come in between. Does not nest.
   */
  transaction<T>(work: () => T): T;
  close(): void;
};

/**
 * Opens (and creates) the metadata database. The lock is exclusive for as long as it is open: a second process on the
 * same directory would sweep away the first one's unfinished uploads.
 *
 * Throws when another process holds it, or when it was written by a newer version.
 */
export function openDatabase(path: string): Database {
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    migrate(database);
  } catch (cause) {
    database.close();
    throw new Error(
      `The registry's data at ${path} cannot be opened. Does another process use this directory?`,
      {
        cause,
      },
    );
  }
  return {
    sql: createSql(database),
    transaction: (work) => runTransaction(database, work),
    close: () => database.close(),
  };
}

/** Brings the data to this program's version, all steps or none. */
function migrate(database: DatabaseSync): void {
  database.exec("BEGIN EXCLUSIVE");
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (found > MIGRATIONS.length) {
    throw new Error(
      `The data has schema version ${found}; this program knows ${MIGRATIONS.length}. Update it.`,
    );
  }
  for (const step of MIGRATIONS.slice(found)) database.exec(step);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  database.exec("COMMIT");
}

function runTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
