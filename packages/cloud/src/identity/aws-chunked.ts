import { AwsError } from "../http/aws-service.ts";

export type DecodedBody = {
  readonly data: Uint8Array;
  /** Trailing headers, lower-case names: `x-amz-checksum-crc32`, ... */
  readonly trailers: Readonly<Record<string, string>>;
};

/**
 * Takes an `aws-chunked` body apart, as S3 clients send it under `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks of
 * `<hex size>\r\n<bytes>\r\n`, one of size 0, trailing headers, an empty line. `decodedLength` is what
 * `x-amz-decoded-content-length` promises.
 *
 * @throws AwsError IncompleteBody for a body that is cut off or does not have that length
 */
export function decodeAwsChunked(body: Uint8Array, decodedLength?: number): DecodedBody {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  let { text, next } = readLine(bytes, 0);
  for (let size = chunkSize(text); size > 0; size = chunkSize(text)) {
    const end = next + size;
    if (bytes.toString("latin1", end, end + 2) !== "\r\n") throw incomplete();
    chunks.push(bytes.subarray(next, end));
    ({ text, next } = readLine(bytes, end + 2));
  }
  const data = Buffer.concat(chunks);
  if (decodedLength !== undefined && data.length !== decodedLength) throw incomplete();
  return { data, trailers: readTrailers(bytes, next) };
}

function readLine(bytes: Buffer, start: number): { text: string; next: number } {
  const end = bytes.indexOf("\r\n", start);
  if (end < 0) throw incomplete();
  return { text: bytes.toString("latin1", start, end), next: end + 2 };
}

/** A size may be followed by extensions: `400;chunk-signature=...` */
function chunkSize(line: string): number {
  const [size = ""] = line.split(";");
  if (!/^[0-9a-fA-F]{1,8}$/.test(size)) throw incomplete();
  return Number.parseInt(size, 16);
}

function readTrailers(bytes: Buffer, start: number): Readonly<Record<string, string>> {
  const trailers: [string, string][] = [];
  let { text, next } = readLine(bytes, start);
  while (text !== "") {
    const at = text.indexOf(":");
    if (at < 1) throw incomplete();
    trailers.push([text.slice(0, at).toLowerCase(), text.slice(at + 1).trim()]);
    ({ text, next } = readLine(bytes, next));
  }
  return Object.fromEntries(trailers);
}

function incomplete(): AwsError {
  const message = "You did not provide the number of bytes specified by the Content-Length HTTP header.";
  return new AwsError("IncompleteBody", message);
}
