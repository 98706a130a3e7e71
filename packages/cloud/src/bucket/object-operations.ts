import { AwsError, type AwsRequest, type AwsResponse } from "../http/aws-service.ts";
import { checkedBody } from "./checked-body.ts";
import type { ObjectHead, ObjectStore } from "./object-store.ts";

/** What a request is about, once it may be done. */
export type ObjectCall = {
  readonly request: AwsRequest;
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly key: string;
  readonly now: Date;
};

/** Standard headers that S3 keeps with an object and gives back. */
const KEPT = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

export async function putObject({ request, store, bucket, key, now }: ObjectCall): Promise<AwsResponse> {
  const { headers } = request;
  if (Buffer.byteLength(key) > 1024) throw new AwsError("KeyTooLongError", "Your key is too long");
  if ("x-amz-copy-source" in headers)
    throw new AwsError("NotImplemented", "CopyObject is not implemented.", 501);
  const object = {
    key,
    contentType: headers["content-type"] ?? "binary/octet-stream",
    headers: keptHeaders(headers),
    lastModified: now.toISOString(),
  };
  const guard = (existing: ObjectHead | undefined) => checkWriteConditions(headers, existing);
  const head = await store.put(bucket, { object, bytes: checkedBody(request), guard });
  return { status: 200, headers: { etag: `"${head.md5}"` } };
}

export async function getObject({ request, store, bucket, key }: ObjectCall): Promise<AwsResponse> {
  const head = store.find(bucket, key);
  const body = head && (await store.read(bucket, key));
  if (!head || !body) throw noSuchKey(key);
  if (isNotModified(request.headers, head)) return { status: 304, headers: { etag: `"${head.md5}"` } };
  return { status: 200, headers: { ...answerHeaders(head), "content-length": String(body.length) }, body };
}

/** As GET without the body. A missing object is a bare 404: HEAD has no document to say more. */
export function headObject({ request, store, bucket, key }: ObjectCall): AwsResponse {
  const head = store.find(bucket, key);
  if (!head) throw noSuchKey(key);
  if (isNotModified(request.headers, head)) return { status: 304, headers: { etag: `"${head.md5}"` } };
  return { status: 200, headers: { ...answerHeaders(head), "content-length": String(head.size) } };
}

/** Deleting what is not there succeeds. */
export async function deleteObject({ store, bucket, key }: ObjectCall): Promise<AwsResponse> {
  await store.delete(bucket, key);
  return { status: 204 };
}

function noSuchKey(key: string): AwsError {
  return new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });
}

function checkWriteConditions(headers: AwsRequest["headers"], existing: ObjectHead | undefined): void {
  const ifMatch = headers["if-match"];
  if (ifMatch !== undefined && !existing)
    throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
  const changed = ifMatch !== undefined && ifMatch !== `"${existing?.md5}"` && ifMatch !== existing?.md5;
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    throw new AwsError("NotImplemented", "If-None-Match of a write takes * only.", 501);
  }
  if (!changed && !(ifNoneMatch && existing)) return;
  const Condition = changed ? "If-Match" : "If-None-Match";
  const message = "At least one of the pre-conditions you specified did not hold";
  throw new AwsError("PreconditionFailed", message, 412, { Condition });
}

function isNotModified(headers: AwsRequest["headers"], head: ObjectHead): boolean {
  const tag = headers["if-none-match"];
  return tag === "*" || tag === `"${head.md5}"` || tag === head.md5;
}

function keptHeaders(headers: AwsRequest["headers"]): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) => name.startsWith("x-amz-meta-") || KEPT.includes(name),
  );
  // `aws-chunked` is how the bytes travelled, not what they are.
  const stripped = kept.map(([name, value]) => [
    name,
    name === "content-encoding" ? withoutChunked(value) : value,
  ]);
  return Object.fromEntries(stripped.filter(([, value]) => value !== ""));
}

function withoutChunked(encoding: string): string {
  const codings = encoding.split(",").map((coding) => coding.trim());
  return codings.filter((coding) => coding !== "aws-chunked").join(",");
}

function answerHeaders(head: ObjectHead): Record<string, string> {
  return {
    ...head.headers,
    etag: `"${head.md5}"`,
    "content-type": head.contentType,
    "last-modified": new Date(head.lastModified).toUTCString(),
    "accept-ranges": "none",
  };
}
