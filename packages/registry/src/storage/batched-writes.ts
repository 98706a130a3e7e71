/**
 * How many bytes wait at most while others are being written: then the source has to wait. Every write goes through the
 * thread pool, whatever its size.
 */
const MOST_WAITING = 512 * 1024;

export type BatchedWrites = {
  /** Takes a chunk; resolves when there is room for the next one. Rejects with what `write` rejected with. */
  add(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything that was added is written. */
  end(): Promise<void>;
};

/**
 * Writes chunks in their order, one call of `write` at a time: what arrives during a call is the next one's batch. A slow
 * source sees each chunk written at once, a fast one pays for few calls.
 */
export function batchedWrites(write: (batch: readonly Uint8Array[]) => Promise<void>): BatchedWrites {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      bytes = 0;
      await write(batch);
    }
    running = undefined; // Not after an error: whoever adds or ends later hears of it too.
  }
  return {
    async add(chunk) {
      waiting.push(chunk);
      bytes += chunk.byteLength;
      if (running === undefined) {
        running = run();
        running.catch(() => {}); // It is heard of in `add` or `end`.
      }
      if (bytes >= MOST_WAITING) await running;
    },
    async end() {
      await running;
    },
  };
}
