import { pipeline } from "node:stream/promises";
import { getRepository } from "../core/repositories.ts";
import { findLayer } from "../storage/layers.ts";
import { parseRange } from "./byte-range.ts";
import { blobUnknown, OciError } from "./errors.ts";
import { type RepositoryExchange, sendEmpty } from "./exchange.ts";

/** GET and HEAD of a blob, with Range. Served directly, where ECR redirects to S3. */
export async function serveBlob(exchange: RepositoryExchange, digest: string): Promise<void> {
  const { core, permits, req, res, repository, caller } = exchange;
  const action = req.method === "HEAD" ? "ecr:BatchCheckLayerAvailability" : "ecr:GetDownloadUrlForLayer";
  permits.onRepository({ caller, action }, repository);
  const layer = findLayer(core.sql, getRepository(core.sql, repository).id, digest);
  if (layer === undefined) throw blobUnknown();
  const headers = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
  };
  if (req.method === "HEAD") return sendEmpty(res, 200, { ...headers, "Content-Length": layer.size });

  const range = parseRange(req.headers.range, layer.size);
  if (range === "unsatisfiable") {
    throw new OciError(416, "RANGE_INVALID", `The layer has ${layer.size} bytes`, {
      "Content-Range": `bytes */${layer.size}`,
    });
  }
  const { start, end } = range ?? { start: 0, end: layer.size - 1 };
  const partial = range === undefined ? {} : { "Content-Range": `bytes ${start}-${end}/${layer.size}` };
  res.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    ...partial,
    "Content-Length": end - start + 1,
  });
  if (layer.size === 0) res.end();
  else await pipeline(core.blobs.read(repository, digest, { start, end }), res);
}
