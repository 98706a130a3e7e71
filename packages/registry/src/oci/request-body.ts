import type { IncomingMessage } from "node:http";

/** How much of a refused body is still read, so that a client that only reads after writing sees the refusal. */
const DRAIN_LIMIT = 64 * 1024 * 1024;

/** The request's bytes. Leaving the loop early leaves the connection open, for the answer. */
export function bodyOf(req: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) };
}

/** The whole body, or `undefined` as soon as it is longer than `limit` bytes. */
export async function readBody(req: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  const declared = Number(req.headers["content-length"] ?? 0);
  if (declared > limit) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(req)) {
    length += chunk.byteLength;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Does the request carry bytes? */
export function hasBody(req: IncomingMessage): boolean {
  return req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;
}

/**
 * Reads on and forgets what is left of a body after an answer was sent. Beyond the limit the connection is cut: an
 * answer has been sent, and a refused 50 GB layer is not worth listening to.
 */
export function drain(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  let drained = 0;
  req.on("data", (chunk: Uint8Array) => {
    drained += chunk.byteLength;
    if (drained > DRAIN_LIMIT) req.destroy();
  });
  req.on("error", () => {}); // The client went away: there is nobody left to tell.
  req.resume();
}
