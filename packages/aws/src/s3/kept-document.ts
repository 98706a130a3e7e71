import type { Bucket } from "./bucket.ts";

/** What a deployment uploads anew is in force everywhere after this long. */
const KEPT_FOR_MS = 60_000;

/**
 * Reads an object of JSON, parsed, and keeps it for a minute. Whoever asks while it is being read waits for the same
 * read. One that cannot be read or parsed is an error each time.
 */
export function keptDocument<T>(
  read: { readonly bucket: Bucket; readonly key: string; readonly now?: (() => number) | undefined },
  parse: (document: unknown) => T | Promise<T>,
): () => Promise<T> {
  const { bucket, key, now = Date.now } = read;
  let held: { readonly document: Promise<T>; readonly at: number } | undefined;

  async function readDocument(): Promise<T> {
    return parse(JSON.parse(new TextDecoder().decode(await bucket.get(key))));
  }

  return async () => {
    // The clock may be set back: a difference either way ends the minute.
    if (held && Math.abs(now() - held.at) < KEPT_FOR_MS) return held.document;
    const reading = { document: readDocument(), at: now() };
    held = reading;
    try {
      return await reading.document;
    } catch (error) {
      if (held === reading) held = undefined;
      throw error;
    }
  };
}
