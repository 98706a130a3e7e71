import { FaultError } from "../core/admission.ts";
import { EcrError, type EcrErrorCode } from "../core/errors.ts";
import { DEFAULT_SWITCHES, type Switches } from "../core/switches.ts";
import { DISK_FULL, isDiskFull } from "../storage/disk-full.ts";
import {
  UploadBusyError,
  UploadEndedError,
  UploadLengthError,
  UploadTooLargeError,
} from "../storage/upload-session.ts";
import { TooManyUploadsError } from "../storage/upload-sessions.ts";

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

type Answer = readonly [status: number, code: string];

/** How ECR answers on `/v2` to what its API would refuse: every invalid parameter is "405 UNSUPPORTED". */
const BY_CODE: Partial<Record<EcrErrorCode, Answer>> = {
  AccessDeniedException: [403, "DENIED"],
  LimitExceededException: [403, "DENIED"],
  RepositoryNotFoundException: [404, "NAME_UNKNOWN"],
  ImageNotFoundException: [404, "MANIFEST_UNKNOWN"],
  UploadNotFoundException: [404, "BLOB_UPLOAD_UNKNOWN"],
  ImageDigestDoesNotMatchException: [400, "DIGEST_INVALID"],
  InvalidLayerException: [400, "DIGEST_INVALID"],
  EmptyUploadException: [400, "BLOB_UPLOAD_INVALID"],
  ThrottlingException: [429, "TOOMANYREQUESTS"],
};

/** What an error looks like on the wire; `undefined` for one that nobody foresaw. */
export function toOciError(error: unknown, switches: Switches = DEFAULT_SWITCHES): OciError | undefined {
  if (error instanceof OciError) return error;
  if (error instanceof FaultError) return faultAnswer(error);
  if (isDiskFull(error)) return new OciError(507, "UNAVAILABLE", DISK_FULL);
  if (!(error instanceof EcrError)) return uploadError(error);
  const [status, code] = bySwitch(error.code, switches) ?? BY_CODE[error.code] ?? [405, "UNSUPPORTED"];
  return new OciError(status, code, error.message);
}

/** Throttling as `/v2` tells it, with its own status; everything else as it was asked for. */
function faultAnswer({ fault: { status, code, retryAfter }, message }: FaultError): OciError {
  const headers: Readonly<Record<string, string>> =
    retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  return code === "ThrottlingException"
    ? new OciError(429, "TOOMANYREQUESTS", message, headers)
    : new OciError(status, code, message, headers);
}

function bySwitch(code: EcrErrorCode, switches: Switches): Answer | undefined {
  switch (code) {
    case "ImageTagAlreadyExistsException":
      return [Number(switches.immutableTagStatus), "TAG_INVALID"];
    case "LayersNotFoundException":
    case "ReferencedImagesNotFoundException":
      return switches.missingContent === "UNSUPPORTED" ? undefined : [404, switches.missingContent];
    default:
      return undefined;
  }
}

function uploadError(error: unknown): OciError | undefined {
  if (error instanceof UploadBusyError) return new OciError(409, "BLOB_UPLOAD_INVALID", error.message);
  if (error instanceof UploadEndedError) return new OciError(404, "BLOB_UPLOAD_UNKNOWN", error.message);
  if (error instanceof UploadLengthError) return new OciError(400, "SIZE_INVALID", error.message);
  if (error instanceof UploadTooLargeError) return new OciError(413, "SIZE_INVALID", error.message);
  if (error instanceof TooManyUploadsError) return new OciError(429, "TOOMANYREQUESTS", error.message);
  return undefined;
}

export function manifestUnknown(): OciError {
  return new OciError(404, "MANIFEST_UNKNOWN", "Requested image not found");
}

export function blobUnknown(): OciError {
  return new OciError(404, "BLOB_UNKNOWN", "Requested layer not found in this repository");
}
