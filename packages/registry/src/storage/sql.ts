import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

type Tag<Result> = (text: TemplateStringsArray, ...values: SQLInputValue[]) => Result;
type Row = Record<string, SQLOutputValue>;

/** Statements as template literals: values are always bound, never part of the text. */
export type Sql = {
  readonly get: Tag<Row | undefined>;
  readonly all: Tag<Row[]>;
  readonly run: Tag<void>;
};

/**
 * Each literal in the code is prepared once. (`DatabaseSync.createTagStore` does the same, but its statements outlive
 * `close()` until they are collected, and with them the lock on the file.)
 */
export function createSql(database: DatabaseSync): Sql {
  const statements = new Map<TemplateStringsArray, StatementSync>();
  function prepared(text: TemplateStringsArray): StatementSync {
    const known = statements.get(text) ?? database.prepare(text.join("?"));
    statements.set(text, known);
    return known;
  }
  return {
    get: (text, ...values) => prepared(text).get(...values),
    all: (text, ...values) => prepared(text).all(...values),
    run: (text, ...values) => void prepared(text).run(...values),
  };
}
