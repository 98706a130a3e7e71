import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { UploadSession } from "../storage/upload-session.ts";
import type { Core } from "./core.ts";
import { EcrError } from "./errors.ts";

/** The upload, if it goes on and belongs to this very repository; throws UploadNotFoundException. */
export function findUpload(core: Core, ref: RepositoryRef, id: string): UploadSession {
  const session = core.uploads.find(id);
  const mine =
    session?.repository.account === ref.account &&
    session.repository.region === ref.region &&
    session.repository.repository === ref.repository;
  if (session !== undefined && mine) return session;
  throw new EcrError(
    "UploadNotFoundException",
    "The upload does not exist, has ended or was given up. Start a new one.",
  );
}
