import { completeUpload } from "../core/complete-upload.ts";
import { EcrError } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import type { UploadSession } from "../storage/upload-sessions.ts";
import { OciError } from "./errors.ts";
import { type RepositoryExchange, sendEmpty } from "./exchange.ts";
import { bodyOf, hasBody } from "./request-body.ts";
import { checkedDigest } from "./route.ts";

/** Uploads that received nothing for so long are given up. */
const IDLE_LIMIT = 24 * 60 * 60 * 1000;

/**
 * POST: starts an upload, or with `?digest=` takes the whole layer at once. `?mount=` is answered with an upload, as
 * ECR does while blob mounting is off (its default).
 */
export async function startUpload(exchange: RepositoryExchange): Promise<void> {
  const { core, permits, query, res, repository, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:InitiateLayerUpload" }, repository);
  getRepository(core.sql, repository);
  const digest = query.get("digest");
  const expected = digest === null || query.has("mount") ? undefined : checkedDigest(digest);
  if (expected !== undefined) permitWholeUpload(exchange);
  await core.uploads.discardIdle(IDLE_LIMIT);
  if (core.uploads.count() >= core.limits.maxOpenUploads) throw tooManyUploads();
  const session = await core.uploads.start(repository);
  if (expected === undefined) return sendEmpty(res, 202, progressHeaders(session));
  try {
    await receive(exchange, session);
  } catch (error) {
    await core.uploads.discard(session.id);
    throw error;
  }
  await complete(exchange, session, expected);
}

/** PATCH: the next bytes. A `Content-Range` (`<start>-<end>`) must begin where the last one ended. */
export async function appendToUpload(exchange: RepositoryExchange, id: string): Promise<void> {
  exchange.permits.onRepository(
    { caller: exchange.caller, action: "ecr:UploadLayerPart" },
    exchange.repository,
  );
  const session = getUpload(exchange, id);
  await receive(exchange, session);
  sendEmpty(exchange.res, 202, progressHeaders(session));
}

/** PUT: the last bytes, if any, and the digest that all of them must have. */
export async function finishUpload(exchange: RepositoryExchange, id: string): Promise<void> {
  const { permits, caller, repository, query, req } = exchange;
  permits.onRepository({ caller, action: "ecr:CompleteLayerUpload" }, repository);
  const session = getUpload(exchange, id);
  const expected = checkedDigest(query.get("digest") ?? "");
  if (hasBody(req)) {
    permits.onRepository({ caller, action: "ecr:UploadLayerPart" }, repository);
    await receive(exchange, session);
  }
  await complete(exchange, session, expected);
}

/** GET: how much has arrived. */
export function showUpload(exchange: RepositoryExchange, id: string): void {
  exchange.permits.onRepository(
    { caller: exchange.caller, action: "ecr:UploadLayerPart" },
    exchange.repository,
  );
  sendEmpty(exchange.res, 204, progressHeaders(getUpload(exchange, id)));
}

/** DELETE: gives the upload up. */
export async function cancelUpload(exchange: RepositoryExchange, id: string): Promise<void> {
  exchange.permits.onRepository(
    { caller: exchange.caller, action: "ecr:UploadLayerPart" },
    exchange.repository,
  );
  await exchange.core.uploads.discard(getUpload(exchange, id).id);
  sendEmpty(exchange.res, 204);
}

function permitWholeUpload({ permits, caller, repository }: RepositoryExchange): void {
  permits.onRepository({ caller, action: "ecr:UploadLayerPart" }, repository);
  permits.onRepository({ caller, action: "ecr:CompleteLayerUpload" }, repository);
}

async function receive({ req }: RepositoryExchange, session: UploadSession): Promise<void> {
  const range = req.headers["content-range"];
  const [, start] = /^(?:bytes )?(\d+)-\d+(?:\/.*)?$/.exec(range ?? "") ?? [];
  if (range !== undefined && Number(start) !== session.size()) throw wrongOffset(session);
  await session.append(bodyOf(req));
}

async function complete(exchange: RepositoryExchange, session: UploadSession, digest: string): Promise<void> {
  const { core, res, repository } = exchange;
  await completeUpload(core, session, digest);
  sendEmpty(res, 201, {
    Location: `/v2/${repository.repository}/blobs/${digest}`,
    "Docker-Content-Digest": digest,
  });
}

/** The upload, if it belongs to this very repository. */
function getUpload({ core, repository }: RepositoryExchange, id: string): UploadSession {
  const session = core.uploads.find(id);
  const mine =
    session?.repository.account === repository.account &&
    session.repository.region === repository.region &&
    session.repository.repository === repository.repository;
  if (session === undefined || !mine) {
    throw new EcrError(
      "UploadNotFoundException",
      "The upload does not exist, has ended or was given up. Start a new one.",
    );
  }
  return session;
}

function progressHeaders(session: UploadSession) {
  return {
    Location: `/v2/${session.repository.repository}/blobs/uploads/${session.id}`,
    Range: `0-${Math.max(0, session.size() - 1)}`,
    "Docker-Upload-UUID": session.id,
  };
}

function wrongOffset(session: UploadSession): OciError {
  return new OciError(
    416,
    "BLOB_UPLOAD_INVALID",
    `The next byte is ${session.size()}`,
    progressHeaders(session),
  );
}

function tooManyUploads(): OciError {
  return new OciError(429, "TOOMANYREQUESTS", "Too many uploads are open. Finish or cancel some first.");
}
