import { EcrError, type EcrErrorCode } from "../core/errors.ts";
import { UploadBusyError, UploadTooLargeError } from "../storage/upload-sessions.ts";

/** A refusal in the words of OCI Distribution; `challenge` asks for credentials and has ECR's plain-text body. */
export class OciError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "OciError";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** How ECR answers on `/v2` to what its API would refuse: every invalid parameter is "405 UNSUPPORTED". */
const BY_CODE: Partial<Record<EcrErrorCode, readonly [status: number, code: string]>> = {
  AccessDeniedException: [403, "DENIED"],
  LimitExceededException: [403, "DENIED"],
  RepositoryNotFoundException: [404, "NAME_UNKNOWN"],
  ImageNotFoundException: [404, "MANIFEST_UNKNOWN"],
  UploadNotFoundException: [404, "BLOB_UPLOAD_UNKNOWN"],
  ImageTagAlreadyExistsException: [400, "TAG_INVALID"],
  ImageDigestDoesNotMatchException: [400, "DIGEST_INVALID"],
  InvalidLayerException: [400, "DIGEST_INVALID"],
  EmptyUploadException: [400, "BLOB_UPLOAD_INVALID"],
};

/** What an error looks like on the wire; `undefined` for one that nobody foresaw. */
export function toOciError(error: unknown): OciError | undefined {
  if (error instanceof OciError) return error;
  if (error instanceof UploadBusyError) return new OciError(409, "BLOB_UPLOAD_INVALID", error.message);
  if (error instanceof UploadTooLargeError) return new OciError(413, "SIZE_INVALID", error.message);
  if (!(error instanceof EcrError)) return undefined;
  const [status, code] = BY_CODE[error.code] ?? [405, "UNSUPPORTED"];
  return new OciError(status, code, error.message);
}

export function manifestUnknown(): OciError {
  return new OciError(404, "MANIFEST_UNKNOWN", "Requested image not found");
}

export function blobUnknown(): OciError {
  return new OciError(404, "BLOB_UNKNOWN", "Requested layer not found in this repository");
}
