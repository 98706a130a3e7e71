import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse } from "../http/aws-service.ts";
import type { BucketDefinition } from "./bucket-definition.ts";
import { listObjects } from "./list-objects.ts";
import { deleteObject, getObject, headObject, type ObjectCall, putObject } from "./object-operations.ts";
import type { ObjectStore } from "./object-store.ts";
import { type S3Call, s3Call } from "./s3-call.ts";
import { fromToken, renderError, renderList } from "./s3-xml.ts";

export type S3Deps = {
  readonly options: { readonly authorize: Authorize; readonly faults: Faults; readonly clock: CloudClock };
  readonly store: ObjectStore;
  /** By name. */
  readonly buckets: ReadonlyMap<string, BucketDefinition>;
};

/** Answers one S3 call: fault, bucket, access, then the object. */
export async function answerS3(request: AwsRequest, deps: S3Deps): Promise<AwsResponse> {
  try {
    return await perform(request, deps);
  } catch (error) {
    if (error instanceof AwsError) return renderError(error);
    throw error;
  }
}

async function perform(request: AwsRequest, deps: S3Deps): Promise<AwsResponse> {
  const call = s3Call(request);
  const fault = deps.options.faults.failure(`s3:${call.operation}`);
  if (fault) throw new AwsError(fault.code, "A fault is switched on for this operation.", fault.status);
  const bucket = deps.buckets.get(call.bucket);
  if (!bucket) {
    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, {
      BucketName: call.bucket,
    });
  }
  checkRegion(request, bucket);
  checkAccess(request, deps, { call, bucket });
  if (call.operation === "ListObjectsV2") return list(request, deps.store, call);
  if (call.operation === "HeadBucket")
    return { status: 200, headers: { "x-amz-bucket-region": bucket.region } };
  return await OBJECT_OPERATIONS[call.operation]({
    request,
    store: deps.store,
    bucket: call.bucket,
    key: call.key,
    now: deps.options.clock.now(),
  });
}

const OBJECT_OPERATIONS = {
  GetObject: getObject,
  HeadObject: headObject,
  PutObject: putObject,
  DeleteObject: deleteObject,
} satisfies Record<string, (call: ObjectCall) => AwsResponse | Promise<AwsResponse>>;

/** A signature for another region than the bucket's is refused. */
function checkRegion(request: AwsRequest, { region }: BucketDefinition): void {
  if (request.region === region) return;
  const message = `The authorization header is malformed; the region '${request.region}' is wrong; expecting '${region}'`;
  throw new AwsError("AuthorizationHeaderMalformed", message, 400, { Region: region });
}

type Asked = { readonly call: S3Call; readonly bucket: BucketDefinition };

/** Who may not list a bucket does not learn that an object is missing either: 403, not 404. */
function checkAccess(request: AwsRequest, deps: S3Deps, { call, bucket }: Asked): void {
  const bucketArn = `arn:aws:s3:::${bucket.name}`;
  const ask = (action: string, resource: string) => {
    const decision = deps.options.authorize({
      caller: request.caller,
      action,
      resource,
      resourceAccount: bucket.account,
      ...(bucket.policy !== undefined && { resourcePolicies: [bucket.policy] }),
      context: {
        "s3:prefix": request.query.get("prefix") ?? "",
        "s3:delimiter": request.query.get("delimiter") ?? "",
      },
    });
    if (!decision.allowed) throw new AwsError("AccessDenied", decision.message, 403);
  };
  ask(call.action, call.key === "" ? bucketArn : `${bucketArn}/${call.key}`);
  const reading = call.operation === "GetObject" || call.operation === "HeadObject";
  if (reading && !deps.store.find(bucket.name, call.key)) ask("s3:ListBucket", bucketArn);
}

function list({ query }: AwsRequest, store: ObjectStore, { bucket }: S3Call): AwsResponse {
  const limit = Number(query.get("max-keys") ?? 1000);
  if (!Number.isInteger(limit) || limit < 0)
    throw new AwsError("InvalidArgument", "max-keys must be a number >= 0");
  const continuationToken = query.get("continuation-token") ?? undefined;
  const listQuery = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    after: continuationToken === undefined ? (query.get("start-after") ?? "") : fromToken(continuationToken),
    limit: Math.min(limit, 1000),
  };
  const page = listObjects(store.list(bucket), listQuery);
  const encoded = query.get("encoding-type") === "url";
  return renderList({ bucket, query: listQuery, page, continuationToken, encoded });
}
