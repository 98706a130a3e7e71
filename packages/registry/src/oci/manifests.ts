import type { Core } from "../core/core.ts";
import { deleteImages } from "../core/delete-images.ts";
import { EcrError } from "../core/errors.ts";
import { resolveImage } from "../core/find-image.ts";
import { recordPull } from "../core/pull-time.ts";
import { pulledManifest } from "../core/pulled-manifest.ts";
import { manifestTooLarge, putImage } from "../core/put-image.ts";
import { getRepository } from "../core/repositories.ts";
import { manifestUnknown, OciError } from "./errors.ts";
import { type RepositoryExchange, sendBody, sendEmpty } from "./exchange.ts";
import { readBody } from "./request-body.ts";
import type { Reference } from "./route.ts";

/**
 * GET and HEAD. By digest the stored bytes, whatever `Accept` says; by tag an image manifest may be converted. A GET is a
 * pull; a HEAD, which clients also send before they push, is one only by switch.
 */
export async function serveManifest(exchange: RepositoryExchange, reference: Reference): Promise<void> {
  const { core, permits, req, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:BatchGetImage" }, exchange.repository);
  const repository = getRepository(core.sql, exchange.repository);
  const { found: image } = resolveImage(core.sql, repository, reference);
  if (image === undefined || image.status !== "ACTIVE") throw manifestUnknown();
  const get = req.method === "GET";
  if (get || core.switches.headMovesPullTime) recordPull(core, { repository, image, caller });
  const accepted = acceptedTypes(req.headers.accept);
  const sent = await pulledManifest(core, { repository, image, tag: reference.tag, accepted });
  if (sent === undefined) throw manifestUnknown();
  const digest = get && core.switches.strictEcr ? {} : { "Docker-Content-Digest": sent.digest };
  sendBody(res, { bytes: sent.bytes, headers: { "Content-Type": sent.mediaType, ...digest } });
}

/** Node joins several headers with commas. */
function acceptedTypes(accept: string | undefined): readonly string[] {
  return (accept ?? "").split(",").filter((type) => type.trim() !== "");
}

/** PUT: bytes as they are, under a tag or under their own digest. */
export async function receiveManifest(exchange: RepositoryExchange, reference: Reference): Promise<void> {
  const { core, permits, req, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:PutImage" }, exchange.repository);
  getRepository(core.sql, exchange.repository);
  const bytes = await readBody(req, core.limits.maxManifestBytes);
  if (bytes === undefined) throw tooLarge(core);
  const { image } = await core.changeTogether((change) =>
    putImage(change, getRepository(change.sql, exchange.repository), {
      ...reference,
      bytes,
      mediaType: mediaTypeOf(req.headers["content-type"]),
    }),
  );
  sendEmpty(res, 201, {
    Location: `/v2/${exchange.repository.repository}/manifests/${image.digest}`,
    "Docker-Content-Digest": image.digest,
    ...(image.subject === null ? {} : { "OCI-Subject": image.subject }),
  });
}

/** 413, as OCI Distribution asks; to ECR's API it is an invalid parameter. */
function tooLarge({ switches, limits }: Core): Error {
  const refusal = manifestTooLarge(limits);
  return switches.strictEcr ? refusal : new OciError(413, "SIZE_INVALID", refusal.message);
}

/** DELETE, by digest or by tag, with the rules of BatchDeleteImage. */
export function deleteManifest(exchange: RepositoryExchange, reference: Reference): void {
  const { core, permits, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:BatchDeleteImage" }, exchange.repository);
  if (reference.tag !== undefined && !core.switches.deleteByTag) throw manifestUnknown();
  const { failures } = core.change((change) =>
    deleteImages(change, getRepository(change.sql, exchange.repository), [reference]),
  );
  const failure = failures[0]?.failure;
  if (failure?.code === "ImageNotFound") throw manifestUnknown();
  if (failure !== undefined) throw new EcrError("InvalidParameterException", failure.reason);
  sendEmpty(res, 202);
}

function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType === "" ? undefined : contentType;
}
