import { FenceConflictError } from "./errors.ts";

/** After so many lost races the message fails, comes back later and finds less traffic. */
const ATTEMPTS = 5;

/**
 * Runs one attempt of read-decide-write, again from its first read whenever another writer was first. An attempt reads
 * every record that it will write (strongly consistent) before it reads the registry:
 *
 * `W1 get v1 | W2 get v1 | W1 reads A | tag moves | W2 reads B | W2 put v2=B | W1 put IF v1: refused | W1 gets v2, reads B, equal: no write`
 *
 * Throws the last FenceConflictError after five attempts.
 */
export async function withFence<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof FenceConflictError) || count === ATTEMPTS) throw error;
    }
  }
}
