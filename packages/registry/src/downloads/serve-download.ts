import type { IncomingMessage, ServerResponse } from "node:http";
import type { Core } from "../core/core.ts";
import { sendLayer } from "../oci/send-layer.ts";
import { findLayer, findLayerState } from "../storage/layers.ts";
import { findRepository } from "../storage/repositories.ts";
import type { Downloads } from "./downloads.ts";
import { checkLayerPath, type LayerUrlCheck } from "./layer-url.ts";
import { S3Error, sendS3Error } from "./s3-error.ts";

export type DownloadDependencies = {
  readonly core: Core;
  readonly downloads: Downloads;
  readonly onError: (error: unknown) => void;
};

/**
 * Answers one request for a URL of GetDownloadUrlForLayer, as S3 answers to a presigned one: GET or HEAD with Range, XML
 * errors. Credentials besides the signature are refused: a client that takes those for the registry along to where it is
 * redirected fails here as it fails on AWS. Never rejects.
 */
export async function serveDownload(
  { core, downloads, onError }: DownloadDependencies,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  try {
    await serve(core, { req, res, secret: downloads.secret });
  } catch (error) {
    const gone = res.closed || (res.socket?.destroyed ?? true);
    if (!(error instanceof S3Error) && !gone) onError(error);
    if (res.headersSent || gone) return void res.destroy();
    sendS3Error(
      req,
      res,
      error instanceof S3Error ? error : new S3Error(500, "InternalError", "Internal error"),
    );
  }
}

type Download = { readonly req: IncomingMessage; readonly res: ServerResponse; readonly secret: Uint8Array };

async function serve(core: Core, { req, res, secret }: Download): Promise<void> {
  if (req.method !== "GET" && req.method !== "HEAD") {
    throw new S3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
  }
  if (req.headers.authorization !== undefined) {
    throw new S3Error(400, "InvalidArgument", "Only one auth mechanism allowed");
  }
  const now = core.now();
  const check = checkLayerPath(secret, req.url ?? "", now);
  if (!check.good) throw refusal(check, now);
  const repository = findRepository(core.sql, check.address);
  const { digest } = check.address;
  const layer = repository === undefined ? undefined : findLayer(core.sql, repository.id, digest);
  if (repository === undefined || layer === undefined) throw noSuchKey();
  if (findLayerState(core.sql, repository.id, digest) === "archived") throw noSuchKey();
  core.leases.renew(repository.id, digest);
  await sendLayer({ core, req, res }, check.address, {
    size: layer.size,
    headers: {},
    unsatisfiable: () => new S3Error(416, "InvalidRange", "The requested range is not satisfiable"),
  });
}

function refusal(check: Exclude<LayerUrlCheck, { good: true }>, now: Date): S3Error {
  switch (check.because) {
    case "unsigned":
      return new S3Error(403, "AccessDenied", "Access Denied");
    case "forged":
      return new S3Error(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      );
    case "early":
      return new S3Error(403, "AccessDenied", "Request is not valid yet");
    case "expired":
      return new S3Error(403, "AccessDenied", "Request has expired", {
        "X-Amz-Expires": check.expires,
        Expires: check.at.toISOString(),
        ServerTime: now.toISOString(),
      });
  }
}

function noSuchKey(): S3Error {
  return new S3Error(404, "NoSuchKey", "The specified key does not exist.");
}
