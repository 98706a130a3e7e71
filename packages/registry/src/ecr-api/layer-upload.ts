import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { UploadBusyError, UploadEndedError, UploadTooLargeError } from "../storage/upload-session.ts";
import { TooManyUploadsError } from "../storage/upload-sessions.ts";

/** `UploadId` and `LayerDigest` of the service model. */
export const uploadId = z
  .string()
  .regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/);
export const layerDigest = z.string().regex(/^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/);

/** What an upload could not take, in the exceptions of the layer API. */
export function limitExceeded(error: unknown): never {
  if (error instanceof TooManyUploadsError || error instanceof UploadTooLargeError) {
    throw new EcrError("LimitExceededException", error.message);
  }
  if (error instanceof UploadEndedError) throw new EcrError("UploadNotFoundException", error.message);
  throw error;
}

/** The upload is being written to by another request. */
export function isBusy(error: unknown): boolean {
  return error instanceof UploadBusyError;
}
