import type { HttpAnswer } from "@tallyman/registry/testing/http-client";

/** A repository, and a digest that nothing has. */
export const NAME = "team/app";
export const NOWHERE = `sha256:${"0".repeat(64)}`;

/** Codes that OCI Distribution 1.1 knows, and no others may be in a 4xx. */
const CODES: ReadonlySet<string> = new Set([
  "BLOB_UNKNOWN",
  "BLOB_UPLOAD_INVALID",
  "BLOB_UPLOAD_UNKNOWN",
  "DIGEST_INVALID",
  "MANIFEST_BLOB_UNKNOWN",
  "MANIFEST_INVALID",
  "MANIFEST_UNKNOWN",
  "NAME_INVALID",
  "NAME_UNKNOWN",
  "SIZE_INVALID",
  "UNAUTHORIZED",
  "DENIED",
  "UNSUPPORTED",
  "TOOMANYREQUESTS",
  // Docker's, which the specification's table took over in part: a tag that is none, or cannot be moved.
  "TAG_INVALID",
  "RANGE_INVALID",
]);

/** The code of an error body, which must have the specification's form. */
export function codeOf(answer: HttpAnswer): string {
  const { errors } = JSON.parse(answer.text) as { errors: { code: string; message: string }[] };
  const [error] = errors;
  if (error === undefined || !CODES.has(error.code) || typeof error.message !== "string") {
    throw new Error(`This is no error body of OCI Distribution: ${answer.text}`);
  }
  return error.code;
}

/** Path and query of the page that a `Link` leads to. */
export function nextOf(answer: HttpAnswer): string | undefined {
  return /^<([^>]+)>; rel="next"$/.exec(String(answer.headers["link"] ?? ""))?.[1];
}
