import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { Core } from "../core/core.ts";
import { parseRange } from "./byte-range.ts";
import type { Headers } from "./exchange.ts";
import { sendFile } from "./send-file.ts";

/** An entity tag in quotes; the bytes under a digest never change, so it is a strong one. */
export function entityTag(digest: string): string {
  return `"${digest}"`;
}

/** The bytes of a layer, or the one range of them that is asked for (206); a HEAD gets the headers alone. */
export async function sendLayer(
  { core, req, res }: { readonly core: Core; readonly req: IncomingMessage; readonly res: ServerResponse },
  { digest, ...registry }: Registry & { readonly digest: string },
  layer: { readonly size: number; readonly headers: Headers; readonly unsatisfiable: () => Error },
): Promise<void> {
  const { size } = layer;
  const headers = {
    "Content-Type": "application/octet-stream",
    "Accept-Ranges": "bytes",
    ETag: entityTag(digest),
    ...layer.headers,
  };
  const range = req.method === "HEAD" ? undefined : parseRange(rangeOf(req, digest), size);
  if (range === "unsatisfiable") {
    res.setHeader("Content-Range", `bytes */${size}`);
    throw layer.unsatisfiable();
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const partial = range === undefined ? {} : { "Content-Range": `bytes ${start}-${end}/${size}` };
  const head = () =>
    res.writeHead(range === undefined ? 200 : 206, {
      ...headers,
      ...partial,
      "Content-Length": end - start + 1,
    });
  if (req.method === "HEAD" || size === 0) return void head().end();
  const file = await core.blobs.open(registry, digest);
  try {
    head();
    await sendFile(file, { start, end }, res);
  } finally {
    await file.close();
  }
}

/** With `If-Range` (RFC 9110 13.1.5) a range counts only for the very entity; a date never names one. */
function rangeOf({ headers }: IncomingMessage, digest: string): string | undefined {
  const condition = headers["if-range"];
  return condition === undefined || condition === entityTag(digest) ? headers.range : undefined;
}
