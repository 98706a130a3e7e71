import type { UploadSession } from "../storage/upload-session.ts";
import type { Core } from "./core.ts";
import { EcrError, invalidParameter } from "./errors.ts";

/** Layer parts over the JSON API, in bytes (service quotas and the service model of ECR). */
export const MINIMUM_PART = 5 * 1024 * 1024;
export const MAXIMUM_PARTS = 4_200;

/** Bytes `first` to `last`, both inclusive, of the layer. */
export type LayerPart = { readonly first: number; readonly last: number; readonly bytes: Uint8Array };

/**
 * Appends one part: it must begin where the last one ended and be as long as it says. All of it is stored, or nothing.
 * Answers with the last byte received. That a part is too small is found only at the end, for the last one may be.
 *
 * Throws InvalidLayerPartException with the byte to go on after, InvalidParameterException for a part beyond the limit,
 * LimitExceededException for one part too many, UploadTooLargeError.
 */
export async function uploadPart(core: Core, session: UploadSession, part: LayerPart): Promise<number> {
  const { first, last, bytes } = part;
  const { maxLayerPart } = core.switches;
  if (bytes.byteLength > PART_LIMITS[maxLayerPart]) {
    throw invalidParameter(
      "layerPartBlob",
      `Member must have length less than or equal to ${PART_LIMITS[maxLayerPart]}`,
    );
  }
  if (first !== session.size() || last - first + 1 !== bytes.byteLength || bytes.byteLength === 0) {
    throw invalidPart(session);
  }
  if (session.parts.length >= MAXIMUM_PARTS) {
    throw new EcrError("LimitExceededException", `A layer can have at most ${MAXIMUM_PARTS} parts`);
  }
  await session.append([bytes]);
  session.parts.push(bytes.byteLength);
  return session.size() - 1;
}

export const PART_LIMITS = { "10MiB": 10 * 1024 * 1024, "20MiB": 20 * 1024 * 1024 } as const;

/** The part at hand cannot be stored; the client may go on after `lastValidByteReceived` (absent: from the beginning). */
export function invalidPart({ id, repository, size }: UploadSession): EcrError {
  return new EcrError(
    "InvalidLayerPartException",
    "The layer part size is not valid, or the first byte specified is not consecutive to the last byte of a previous " +
      `layer part upload. The next byte is ${size()}.`,
    {
      registryId: repository.account,
      repositoryName: repository.repository,
      uploadId: id,
      lastValidByteReceived: size() === 0 ? undefined : size() - 1,
    },
  );
}
