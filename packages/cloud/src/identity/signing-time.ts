import { AwsError } from "../http/aws-service.ts";
import { authError } from "./auth-errors.ts";
import { type SignatureClaim, toTimestamp } from "./signed-request.ts";

const minute = 60_000;

/**
 * A signature is fresh for 5 minutes either way, S3's for 15; a presigned one from its date for as long as it says.
 *
 * @throws AwsError
 */
export function checkTime(claim: SignatureClaim, now: Date): void {
  const { service, timestamp, date, expires } = claim;
  const signed = readTimestamp(timestamp);
  if (signed === undefined) {
    const detail = `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`;
    throw authError(service, "incomplete", detail);
  }
  if (date !== timestamp.slice(0, 8)) {
    const detail = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`;
    throw authError(service, service === "s3" ? "incomplete" : "mismatch", detail);
  }
  const minutes = service === "s3" ? 15 : 5;
  const end = expires === undefined ? signed + minutes * minute : signed + expires * 1000;
  if (now.getTime() > end) throw tooOld(claim, now, expires === undefined ? minutes : undefined);
  if (signed - now.getTime() > minutes * minute) throw tooNew(claim, now, minutes);
}

function tooOld({ service, timestamp, expires = 0 }: SignatureClaim, now: Date, minutes?: number): AwsError {
  if (service === "s3" && minutes === undefined)
    return new AwsError("AccessDenied", "Request has expired", 403);
  if (service === "s3") return authError(service, "skewed", s3Skew);
  const seconds = minutes === undefined ? expires : minutes * 60;
  const limit = toTimestamp(new Date(now.getTime() - seconds * 1000));
  const margin = minutes === undefined ? `${expires} sec.` : `${minutes} min.`;
  const detail = `Signature expired: ${timestamp} is now earlier than ${limit} (${toTimestamp(now)} - ${margin})`;
  return authError(service, "skewed", detail);
}

function tooNew({ service, timestamp }: SignatureClaim, now: Date, minutes: number): AwsError {
  if (service === "s3") return authError(service, "skewed", s3Skew);
  const limit = toTimestamp(new Date(now.getTime() + minutes * minute));
  const detail = `Signature not yet current: ${timestamp} is still later than ${limit} (${toTimestamp(now)} + ${minutes} min.)`;
  return authError(service, "skewed", detail);
}

const s3Skew = "The difference between the request time and the current time is too large.";

function readTimestamp(timestamp: string): number | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp) ?? [];
  const time = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  return Number.isNaN(time) ? undefined : time;
}
