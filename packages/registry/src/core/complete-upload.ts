import { insertLayer } from "../storage/layers.ts";
import type { UploadSession } from "../storage/upload-sessions.ts";
import type { Core } from "./core.ts";
import { EcrError } from "./errors.ts";
import { getRepository } from "./repositories.ts";

/**
 * Makes an upload a layer of its repository: only after its bytes are on the disk under their digest. Whatever
 * happens then, the session is over.
 *
 * Throws UploadBusyError while bytes still arrive (the session goes on), InvalidLayerException when the bytes do not
 * have the digest that the client gave.
 */
export async function completeUpload(core: Core, session: UploadSession, expected: string): Promise<void> {
  const digest = await session.finish();
  try {
    if (digest !== expected) {
      throw new EcrError(
        "InvalidLayerException",
        `The layer's digest is '${digest}', not '${expected}'. Nothing was stored; upload it again.`,
      );
    }
    await core.blobs.adopt(session.file, session.repository, digest);
    core.change(({ sql, now }) => {
      const { id } = getRepository(sql, session.repository);
      insertLayer(sql, id, { digest, size: session.size(), uploadedAt: now.getTime() });
    });
  } finally {
    await core.uploads.discard(session.id);
  }
}
