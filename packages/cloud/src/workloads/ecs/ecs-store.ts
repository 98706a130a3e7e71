import { DatabaseSync } from "node:sqlite";

/** Where the embedded ECS keeps its records, so that a restart finds what ran. Synchronous. */
export type EcsStore = {
  /** Adds a record, or replaces it; `order` is that of its coming and stays. */
  put(kind: string, arn: string, entry: { readonly order: number; readonly record: object }): void;
  delete(kind: string, arn: string): void;
  /** In the order in which they came. */
  load(kind: string): readonly { readonly order: number; readonly record: unknown }[];
  clear(): void;
  close(): void;
};

/** Keeps nothing: for tests. */
export function noStore(): EcsStore {
  const nothing = () => undefined;
  return { put: nothing, delete: nothing, load: () => [], clear: nothing, close: nothing };
}

/** One SQLite file. WAL without a sync per commit: a killed process loses nothing, a power cut may lose the last moments. */
export function sqliteStore(file: string): EcsStore {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS record (
      kind TEXT NOT NULL, arn TEXT NOT NULL, ord INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, arn)
    ) WITHOUT ROWID`);
  const put = database.prepare(
    "INSERT INTO record (kind, arn, ord, record) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record",
  );
  const remove = database.prepare("DELETE FROM record WHERE kind = ? AND arn = ?");
  const select = database.prepare("SELECT ord, record FROM record WHERE kind = ? ORDER BY ord");
  return {
    put: (kind, arn, { order, record }) => void put.run(kind, arn, order, JSON.stringify(record)),
    delete: (kind, arn) => void remove.run(kind, arn),
    load: (kind) =>
      select
        .all(kind)
        .map((row) => ({ order: Number(row["ord"]), record: JSON.parse(String(row["record"])) as unknown })),
    clear: () => database.exec("DELETE FROM record"),
    close: () => database.close(),
  };
}
