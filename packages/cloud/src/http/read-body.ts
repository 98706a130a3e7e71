import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-service.ts";

/** A request body that is cut off this long after its headers would hold memory for ever. */
const longestRead = 60_000;

/** The whole body; throws RequestEntityTooLarge above `limit` bytes, before reading more than that. */
export async function readBody(req: IncomingMessage, limit: number): Promise<Uint8Array> {
  if (Number(req.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  const deadline = setTimeout(() => req.destroy(), longestRead);
  try {
    // Leaving the loop must not close the connection: the refusal is still to be sent on it.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(deadline);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): AwsError {
  return new AwsError("RequestEntityTooLarge", `Request must be smaller than ${limit} bytes.`, 413);
}
