import { findLayer, insertLayer } from "../storage/layers.ts";
import { UploadBusyError, type UploadSession } from "../storage/upload-session.ts";
import type { Core } from "./core.ts";
import { EcrError } from "./errors.ts";
import { getRepository } from "./repositories.ts";

/** A layer, and whether the repository had it before. */
export type CompletedUpload = { readonly digest: string; readonly existed: boolean };

/**
 * Makes an upload a layer of its repository: only after its bytes are on the disk under their digest. Whatever
 * happens then, the session is over. A layer that was there already counts as uploaded just now, so that nothing
 * collects it while its image is on the way.
 *
 * Throws UploadBusyError while bytes still arrive (the session goes on), InvalidLayerException when the bytes do not
 * have the digests that the client gave.
 */
export async function completeUpload(
  core: Core,
  session: UploadSession,
  expected: readonly string[],
): Promise<CompletedUpload> {
  let ended = true;
  try {
    const digest = await session.finish();
    requireDigest(digest, expected);
    return await core.blobs.hold(session.repository, [digest], async () => {
      await core.blobs.adopt(session.file, session.repository, digest);
      return addLayer(core, session, digest);
    });
  } catch (error) {
    if (error instanceof UploadBusyError) ended = false;
    throw error;
  } finally {
    if (ended) await core.uploads.discard(session);
  }
}

function addLayer(core: Core, session: UploadSession, digest: string): Promise<CompletedUpload> {
  return core.changeTogether(({ sql, now }) => {
    const { id } = getRepository(sql, session.repository);
    const existed = findLayer(sql, id, digest) !== undefined;
    insertLayer(sql, id, { digest, size: session.size(), uploadedAt: now.getTime() });
    core.leases.renew(id, digest);
    return { digest, existed };
  });
}

function requireDigest(digest: string, expected: readonly string[]): void {
  const other = expected.find((each) => each.startsWith("sha256:") && each.toLowerCase() !== digest);
  const wrong = expected.some((each) => each.startsWith("sha256:")) ? other : expected[0];
  if (wrong === undefined) return;
  throw new EcrError(
    "InvalidLayerException",
    `The layer's digest is '${digest}', not '${wrong}'. Nothing was stored; upload it again.`,
  );
}
