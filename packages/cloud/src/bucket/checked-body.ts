import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import { decodeAwsChunked } from "../identity/aws-chunked.ts";

/**
 * The object's bytes: `aws-chunked` taken apart, Content-MD5 and the checksums that we can compute verified (CRC32,
 * SHA-1, SHA-256; others are taken on trust). Throws BadDigest, InvalidRequest or IncompleteBody.
 */
export function checkedBody({ headers, body }: AwsRequest): Uint8Array {
  const length = headers["x-amz-decoded-content-length"];
  const chunked = (headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
  const decoded = chunked
    ? decodeAwsChunked(body, length === undefined ? undefined : Number(length))
    : { data: body, trailers: {} };
  const given: Readonly<Record<string, string | undefined>> = { ...headers, ...decoded.trailers };
  for (const [header, compute] of Object.entries(CHECKS)) {
    const expected = given[header];
    if (expected === undefined || expected === compute(decoded.data)) continue;
    throw new AwsError("BadDigest", `The ${header} you specified did not match what we received.`);
  }
  return decoded.data;
}

const CHECKS: Readonly<Record<string, (data: Uint8Array) => string>> = {
  "content-md5": (data) => createHash("md5").update(data).digest("base64"),
  "x-amz-checksum-sha256": (data) => createHash("sha256").update(data).digest("base64"),
  "x-amz-checksum-sha1": (data) => createHash("sha1").update(data).digest("base64"),
  "x-amz-checksum-crc32": crc32Base64,
};

function crc32Base64(data: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString("base64");
}
