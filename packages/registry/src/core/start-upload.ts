import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { UploadSession } from "../storage/upload-session.ts";
import type { Core } from "./core.ts";
import { getRepository } from "./repositories.ts";

/** Begins an upload; those that were abandoned make room first. Throws RepositoryNotFoundException, TooManyUploadsError. */
export async function startUpload(core: Core, ref: RepositoryRef): Promise<UploadSession> {
  getRepository(core.sql, ref);
  await core.uploads.discardIdle(core.limits.uploadLife);
  return core.uploads.start(ref);
}
