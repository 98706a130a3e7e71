import { DatabaseSync } from "node:sqlite";
import type { Message } from "./message.ts";

/** Where queues keep their messages, so that a restart loses none. Synchronous: an answer means that it is written. */
export type Journal = {
  save(queueArn: string, message: Message): void;
  /** Only what a receive changes. */
  update(queueArn: string, message: Message): void;
  remove(queueArn: string, messageId: string): void;
  load(queueArn: string): Message[];
  close(): void;
};

/** Another process keeps its queues in the same directory. */
export class DataInUseError extends Error {
  readonly code = "DATA_IN_USE";

  constructor(file: string, cause: unknown) {
    super(`${file} is in use by another process. Stop it, or choose another directory with --data.`, {
      cause,
    });
    this.name = "DataInUseError";
  }
}

/** Keeps nothing: for tests and `reset`. */
export function memoryJournal(): Journal {
  const nothing = () => undefined;
  return { save: nothing, update: nothing, remove: nothing, load: () => [], close: nothing };
}

/**
 * One SQLite file. `message` is the JSON of what never changes; the columns are what a receive changes. WAL without a
 * sync per commit: a killed process loses nothing, a power cut may lose the last moments. Throws a DataInUseError.
 */
export function sqliteJournal(file: string): Journal {
  const database = openAlone(file);
  database.exec(`
    CREATE TABLE IF NOT EXISTS message (
      queue TEXT NOT NULL, id TEXT NOT NULL, ord INTEGER NOT NULL, message TEXT NOT NULL, changing TEXT NOT NULL,
      PRIMARY KEY (queue, id)
    ) WITHOUT ROWID`);
  const insert = database.prepare(
    "INSERT OR REPLACE INTO message (queue, id, ord, message, changing) VALUES (?, ?, ?, ?, ?)",
  );
  const change = database.prepare("UPDATE message SET changing = ? WHERE queue = ? AND id = ?");
  const remove = database.prepare("DELETE FROM message WHERE queue = ? AND id = ?");
  const select = database.prepare("SELECT message, changing FROM message WHERE queue = ? ORDER BY ord");

  return {
    save(queueArn, message) {
      insert.run(queueArn, message.id, message.order, JSON.stringify(message), changing(message));
    },
    update: (queueArn, message) => void change.run(changing(message), queueArn, message.id),
    remove: (queueArn, messageId) => void remove.run(queueArn, messageId),
    load: (queueArn) =>
      select.all(queueArn).map((row) => {
        const stored: Message = JSON.parse(String(row["message"]));
        return { ...stored, ...JSON.parse(String(row["changing"])) };
      }),
    close: () => database.close(),
  };
}

/** Locked for as long as it is open: of two processes on one directory, each would undo what the other writes. */
function openAlone(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    database.exec("BEGIN EXCLUSIVE; COMMIT;");
    return database;
  } catch (error) {
    database.close();
    throw new DataInUseError(file, error);
  }
}

function changing({ visibleAt, receiveCount, firstReceivedAt, receipt }: Message): string {
  return JSON.stringify({ visibleAt, receiveCount, firstReceivedAt, receipt });
}
