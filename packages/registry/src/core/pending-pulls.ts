import { setPullTime } from "../storage/images.ts";
import type { Sql } from "../storage/sql.ts";

/** Milliseconds, real ones, after which a pull is written down at the latest. */
const WRITE_AFTER = 1_000;

type Pull = { readonly repositoryId: number; readonly digest: string; readonly at: number };

/**
 * Times of pulls that are not in the database yet. To sync one for each pull would make reading a manifest as dear as
 * writing one. They go along with the next write, before anything asks for them, and after a second at the latest: who
 * looks sees every pull, and only a crash may lose those of the last second. (ECR itself refreshes the time about once in
 * 24 hours.)
 */
export type PendingPulls = {
  /** `at` in milliseconds since the epoch. */
  note(pull: Pull): void;
  find(repositoryId: number, digest: string): number | undefined;
  isEmpty(): boolean;
  /** Writes them inside a transaction; when that is committed they are to be `forget`-ed. */
  write(sql: Sql): void;
  forget(): void;
};

/** `writeSoon` is called once `WRITE_AFTER` milliseconds after a pull that nothing else took along. */
export function createPendingPulls(writeSoon: () => void): PendingPulls {
  const pulls = new Map<string, Pull>();
  let timer: NodeJS.Timeout | undefined;
  const key = (repositoryId: number, digest: string) => `${repositoryId} ${digest}`;

  function forget(): void {
    pulls.clear();
    clearTimeout(timer);
    timer = undefined;
  }
  return {
    note(pull) {
      pulls.set(key(pull.repositoryId, pull.digest), pull);
      timer ??= setTimeout(() => {
        timer = undefined;
        writeSoon();
      }, WRITE_AFTER).unref();
    },
    find: (repositoryId, digest) => pulls.get(key(repositoryId, digest))?.at,
    isEmpty: () => pulls.size === 0,
    write(sql) {
      for (const { repositoryId, digest, at } of pulls.values()) setPullTime(sql, repositoryId, digest, at);
    },
    forget,
  };
}
