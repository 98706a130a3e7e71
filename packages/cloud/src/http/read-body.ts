import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-service.ts";

/** A request body that is cut off this long after its headers would hold memory for ever. */
const longestRead = 60_000;

/** The whole body; throws RequestEntityTooLarge above `limit` bytes, before reading more than that. */
export async function readBody(req: IncomingMessage, limit: number): Promise<Uint8Array> {
  if (Number(req.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  const deadline = setTimeout(() => req.destroy(), longestRead);
  try {
    return await collect(req, limit);
  } finally {
    clearTimeout(deadline);
  }
}

/** By events, which cost a small body a fraction of what an async iterator does. Never closes the connection: a refusal is still to be sent on it. */
function collect(req: IncomingMessage, limit: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Buffer[] = [];
  let size = 0;
  const listeners = {
    data(chunk: Buffer) {
      size += chunk.length;
      chunks.push(chunk);
      if (size > limit) fail(tooLarge(limit));
    },
    end() {
      stop();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    },
    error: fail,
    close: () => fail(new Error("The client went away in the middle of its request.")),
  };
  function stop(): void {
    for (const [event, listener] of Object.entries(listeners)) req.off(event, listener);
  }
  function fail(error: Error): void {
    stop();
    req.pause();
    reject(error);
  }
  for (const [event, listener] of Object.entries(listeners)) req.on(event, listener);
  if (req.destroyed) listeners.close();
  return promise;
}

function tooLarge(limit: number): AwsError {
  return new AwsError("RequestEntityTooLarge", `Request must be smaller than ${limit} bytes.`, 413);
}
