import * as z from "zod";
import { completeUpload } from "../core/complete-upload.ts";
import { EcrError } from "../core/errors.ts";
import { findUpload } from "../core/find-upload.ts";
import { getRepository } from "../core/repositories.ts";
import { invalidPart, MINIMUM_PART } from "../core/upload-part.ts";
import type { UploadSession } from "../storage/upload-session.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { isBusy, layerDigest, uploadId } from "./layer-upload.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({
  registryId,
  repositoryName,
  uploadId,
  layerDigests: z.array(layerDigest).min(1).max(100),
});

/** Makes an upload a layer, if its bytes have the digests that are named. That it was there before is an exception here. */
export const completeLayerUploadOperation = operation("CompleteLayerUpload", Input, async (call) => {
  const { core, input } = call;
  const ref = permittedRepository(call, "ecr:CompleteLayerUpload");
  getRepository(core.sql, ref);
  const session = findUpload(core, ref, input.uploadId);
  requireParts(session);
  const { digest, existed } = await completeUpload(core, session, input.layerDigests).catch(
    (error: unknown) => {
      throw isBusy(error) ? invalidPart(session) : error;
    },
  );
  if (existed) {
    throw new EcrError(
      "LayerAlreadyExistsException",
      `The image layer '${digest}' already exists in the repository with name '${ref.repository}' in the registry with ` +
        `id '${ref.account}'`,
    );
  }
  return {
    registryId: ref.account,
    repositoryName: ref.repository,
    uploadId: session.id,
    layerDigest: digest,
  };
});

/** Throws EmptyUploadException, LayerPartTooSmallException; the upload goes on. */
function requireParts(session: UploadSession): void {
  if (session.size() === 0) {
    throw new EcrError("EmptyUploadException", "The specified layer upload does not contain any layer parts");
  }
  const small = session.parts.slice(0, -1).find((size) => size < MINIMUM_PART);
  if (small === undefined) return;
  throw new EcrError(
    "LayerPartTooSmallException",
    `Layer parts must be at least ${MINIMUM_PART} bytes, but for the last one; one has ${small}`,
  );
}
