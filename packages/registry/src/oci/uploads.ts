import { completeUpload } from "../core/complete-upload.ts";
import { findUpload } from "../core/find-upload.ts";
import { startUpload } from "../core/start-upload.ts";
import type { UploadSession } from "../storage/upload-session.ts";
import { parseContentRange } from "./content-range.ts";
import { OciError } from "./errors.ts";
import { type RepositoryExchange, sendEmpty } from "./exchange.ts";
import { mountLayer } from "./mount.ts";
import { bodyOf, hasBody } from "./request-body.ts";
import { checkedDigest } from "./route.ts";

/** POST: mounts a layer (`?mount=&from=`), takes a whole one at once (`?digest=`), or starts an upload. */
export async function beginUpload(exchange: RepositoryExchange): Promise<void> {
  const { core, query, repository } = exchange;
  permit(exchange, "ecr:InitiateLayerUpload");
  const mount = query.get("mount");
  if (mount !== null && mountLayer(exchange, checkedDigest(mount))) return sendCreated(exchange, mount);
  const digest = query.get("digest");
  const expected = digest === null || mount !== null ? undefined : checkedDigest(digest);
  if (expected !== undefined) permit(exchange, "ecr:UploadLayerPart", "ecr:CompleteLayerUpload");
  const session = await startUpload(core, repository);
  if (expected === undefined) return sendStarted(exchange, session);
  try {
    await receive(exchange, session);
  } catch (error) {
    await core.uploads.discard(session);
    throw error;
  }
  await complete(exchange, session, expected);
}

/** PATCH: the next bytes. A `Content-Range` (`<first>-<last>`) must begin where the last one ended. */
export async function appendToUpload(exchange: RepositoryExchange, id: string): Promise<void> {
  permit(exchange, "ecr:UploadLayerPart");
  const session = findUpload(exchange.core, exchange.repository, id);
  await receive(exchange, session);
  const shown = exchange.core.switches.strictEcr ? session.firstEnd() : session.size();
  sendEmpty(exchange.res, 202, { ...progressHeaders(session), Range: rangeTo(shown) });
}

/** PUT: the last bytes, if any, and the digest that all of them must have. */
export async function finishUpload(exchange: RepositoryExchange, id: string): Promise<void> {
  const { core, repository, query, req } = exchange;
  permit(exchange, "ecr:CompleteLayerUpload");
  const session = findUpload(core, repository, id);
  const expected = checkedDigest(query.get("digest") ?? "");
  if (hasBody(req)) {
    permit(exchange, "ecr:UploadLayerPart");
    await receive(exchange, session);
  }
  await complete(exchange, session, expected);
}

/** GET: how much has arrived. */
export function showUpload(exchange: RepositoryExchange, id: string): void {
  permit(exchange, "ecr:UploadLayerPart");
  if (!exchange.core.switches.uploadStatus) throw unsupported("An upload's state cannot be asked for here");
  sendEmpty(exchange.res, 204, progressHeaders(findUpload(exchange.core, exchange.repository, id)));
}

/** DELETE: gives the upload up. */
export async function cancelUpload(exchange: RepositoryExchange, id: string): Promise<void> {
  permit(exchange, "ecr:UploadLayerPart");
  if (!exchange.core.switches.uploadCancel) throw unsupported("An upload cannot be cancelled here");
  await exchange.core.uploads.discard(findUpload(exchange.core, exchange.repository, id));
  sendEmpty(exchange.res, 204);
}

function permit({ permits, caller, repository }: RepositoryExchange, ...actions: readonly `ecr:${string}`[]) {
  for (const action of actions) permits.onRepository({ caller, action }, repository);
}

async function receive({ req }: RepositoryExchange, session: UploadSession): Promise<void> {
  const range = parseContentRange(req.headers["content-range"], req.headers["content-length"]);
  if (range !== undefined && range.first !== session.size()) throw wrongOffset(session);
  const length = range === undefined ? {} : { length: range.length };
  await session.append(bodyOf(req), { ...length, release: true });
}

async function complete(exchange: RepositoryExchange, session: UploadSession, digest: string): Promise<void> {
  await completeUpload(exchange.core, session, [digest]);
  sendCreated(exchange, digest);
}

function sendCreated({ res, repository }: RepositoryExchange, digest: string): void {
  sendEmpty(res, 201, {
    Location: `/v2/${repository.repository}/blobs/${digest}`,
    "Docker-Content-Digest": digest,
  });
}

function sendStarted({ core, res }: RepositoryExchange, session: UploadSession): void {
  const { Location, ...more } = progressHeaders(session);
  sendEmpty(res, 202, core.switches.uploadStartHeaders ? { Location, ...more } : { Location });
}

function progressHeaders(session: UploadSession) {
  return {
    Location: `/v2/${session.repository.repository}/blobs/uploads/${session.id}`,
    Range: rangeTo(session.size()),
    "Docker-Upload-UUID": session.id,
  };
}

/** Of no bytes at all it is `0-0` too: the header has no word for none. */
function rangeTo(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}

function wrongOffset(session: UploadSession): OciError {
  return new OciError(
    416,
    "BLOB_UPLOAD_INVALID",
    `The next byte is ${session.size()}`,
    progressHeaders(session),
  );
}

function unsupported(message: string): OciError {
  return new OciError(405, "UNSUPPORTED", message);
}
