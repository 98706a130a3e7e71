import type { Change } from "./core.ts";

type Work<T> = (change: Change) => T;
type Waiting = {
  readonly work: Work<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Runs what many ask for at the same time in one transaction, which costs one sync to the disk: a promise resolves when its
 * work is committed. Work that throws undoes nobody else's: then each runs in a transaction of its own.
 *
 * `work` may so run twice; whatever it does besides the transaction must not mind.
 */
export function groupCommits(change: <T>(work: Work<T>) => T): <T>(work: Work<T>) => Promise<T> {
  let waiting: Waiting[] = [];

  function run(): void {
    const group = waiting;
    waiting = [];
    try {
      const results = change((one) => group.map(({ work }) => work(one)));
      for (const [index, { resolve }] of group.entries()) resolve(results[index]);
    } catch {
      for (const member of group) runAlone(member);
    }
  }
  function runAlone({ work, resolve, reject }: Waiting): void {
    try {
      resolve(change(work));
    } catch (error) {
      reject(error);
    }
  }
  return <T>(work: Work<T>) =>
    new Promise<T>((resolve, reject) => {
      // Those whose files are synced in the same turn of the event loop commit together.
      if (waiting.length === 0) setImmediate(run);
      waiting.push({ work, resolve: (result) => resolve(result as T), reject });
    });
}
