import { AwsError, type AwsRequest } from "../http/aws-service.ts";

export type S3Call = {
  readonly operation:
    | "GetObject"
    | "HeadObject"
    | "PutObject"
    | "DeleteObject"
    | "ListObjectsV2"
    | "HeadBucket";
  /** The permission that it needs. */
  readonly action: string;
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
};

const OBJECT_CALLS: Readonly<Record<string, Pick<S3Call, "operation" | "action">>> = {
  GET: { operation: "GetObject", action: "s3:GetObject" },
  HEAD: { operation: "HeadObject", action: "s3:GetObject" },
  PUT: { operation: "PutObject", action: "s3:PutObject" },
  DELETE: { operation: "DeleteObject", action: "s3:DeleteObject" },
};

/** Sub-resources in the query that would make another operation of it. */
const OTHER_OPERATIONS =
  /^(acl|attributes|cors|delete|encryption|legal-hold|lifecycle|location|logging|notification|object-lock|partNumber|policy|policyStatus|publicAccessBlock|replication|restore|retention|select|tagging|torrent|uploadId|uploads|versionId|versioning|versions|website)$/;

/** What a path-style request asks for. Throws NotImplemented for what this bucket does not do, and for host style. */
export function s3Call(request: AwsRequest): S3Call {
  checkHost(request.headers["host"] ?? "");
  const other = [...request.query.keys()].find((name) => OTHER_OPERATIONS.test(name));
  if (other) throw notImplemented(`?${other}`);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
  if (bucket === "") throw notImplemented("ListBuckets");
  if (key === "") return bucketCall(request, bucket);
  const call = OBJECT_CALLS[request.method];
  if (!call) throw notImplemented(request.method);
  return { ...call, bucket, key };
}

function bucketCall({ method, query }: AwsRequest, bucket: string): S3Call {
  const call = { action: "s3:ListBucket", bucket, key: "" };
  if (method === "HEAD") return { ...call, operation: "HeadBucket" };
  if (method === "GET" && query.get("list-type") === "2") return { ...call, operation: "ListObjectsV2" };
  throw notImplemented(`${method} of a bucket (list with list-type=2)`);
}

/** `http://<bucket>.localhost/<key>` would need a name for each bucket; one port on loopback takes paths. */
function checkHost(host: string): void {
  const name = host.replace(/:\d+$/, "");
  if (name === "localhost" || /^[\d.]+$/.test(name) || name.startsWith("[")) return;
  const message = `Bucket names in the host (${name}) are not supported: use path style (forcePathStyle, addressing_style=path).`;
  throw new AwsError("InvalidRequest", message);
}

function notImplemented(what: string): AwsError {
  return new AwsError("NotImplemented", `${what} is not implemented by the embedded bucket.`, 501);
}
