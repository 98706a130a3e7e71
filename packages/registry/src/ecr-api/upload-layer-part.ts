import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { findUpload } from "../core/find-upload.ts";
import { getRepository } from "../core/repositories.ts";
import { invalidPart, uploadPart } from "../core/upload-part.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { isBusy, limitExceeded, uploadId } from "./layer-upload.ts";
import { operation, permittedRepository } from "./operation.ts";

const partByte = z.int().min(0);
const Input = z.object({
  registryId,
  repositoryName,
  uploadId,
  partFirstByte: partByte,
  partLastByte: partByte,
  /** Base64. How much it may be is decided in bytes: see `uploadPart`. */
  layerPartBlob: z.string(),
});

/** The next bytes of a layer, as an inclusive range; parts follow on one another. */
export const uploadLayerPartOperation = operation("UploadLayerPart", Input, async (call) => {
  const { core, input } = call;
  const ref = permittedRepository(call, "ecr:UploadLayerPart");
  getRepository(core.sql, ref);
  const session = findUpload(core, ref, input.uploadId);
  const bytes = decodeBlob(input.layerPartBlob);
  const part = { first: input.partFirstByte, last: input.partLastByte, bytes };
  const lastByteReceived = await uploadPart(core, session, part).catch((error: unknown) => {
    if (isBusy(error)) throw invalidPart(session);
    return limitExceeded(error);
  });
  return {
    registryId: ref.account,
    repositoryName: ref.repository,
    uploadId: session.id,
    lastByteReceived,
  };
});

/** `Buffer.from` skips what is not base64; here that is an error. */
function decodeBlob(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new EcrError("SerializationException", "layerPartBlob is not valid base64");
  }
  return Buffer.from(text, "base64");
}
