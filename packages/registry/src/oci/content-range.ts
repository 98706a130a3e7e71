import { OciError } from "./errors.ts";

/** Where a chunk begins, and its bytes. */
export type ContentRange = { readonly first: number; readonly length: number };

/**
 * The `Content-Range` of a chunk: `<first>-<last>`, both inclusive (OCI Distribution 1.1), or HTTP's `bytes
 * <first>-<last>/<size>`, which some clients send. `undefined` without one: then a chunk goes where the last one ended.
 *
 * Throws 400 for what is no range, or is one of another length than the body's.
 */
export function parseContentRange(
  header: string | undefined,
  contentLength: string | undefined,
): ContentRange | undefined {
  if (header === undefined) return undefined;
  const [, first, last] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) {
    throw new OciError(400, "BLOB_UPLOAD_INVALID", "Content-Range must be <first byte>-<last byte>");
  }
  const length = Number(last) - Number(first) + 1;
  if (contentLength !== undefined && Number(contentLength) !== length) {
    const message = `Content-Range has ${length} bytes, Content-Length ${contentLength}`;
    throw new OciError(400, "SIZE_INVALID", message);
  }
  return { first: Number(first), length };
}
