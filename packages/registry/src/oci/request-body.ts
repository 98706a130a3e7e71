import type { IncomingMessage, ServerResponse } from "node:http";

/** How much of a refused body is still read, in bytes. */
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

/** Milliseconds for what is left of a refused body. */
const DRAIN_TIME = 60_000;

/**
 * Ends an answer, and only then the connection: what is left of the request's body is read and forgotten first, or a
 * client that reads only after it has written everything would find a broken pipe in place of the refusal. The whole
 * answer has left by then; a body that does not end soon, or is beyond the limit, is cut.
 */
export function endAnswer(req: IncomingMessage, res: ServerResponse, body?: Uint8Array | string): void {
  if (req.complete || req.destroyed) return void res.end(body);
  if (body === undefined) res.flushHeaders();
  else res.write(body);
  const deadline = setTimeout(() => req.destroy(), DRAIN_TIME);
  let drained = 0;
  req.on("data", (chunk: Uint8Array) => {
    drained += chunk.byteLength;
    if (drained > DRAIN_LIMIT) req.destroy();
  });
  req.on("error", () => {}); // The client went away: there is nobody left to tell.
  const end = () => {
    clearTimeout(deadline);
    res.end();
  };
  req.once("end", end).once("close", end);
  req.resume();
}
