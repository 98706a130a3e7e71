import type { AwsRequest } from "./aws-service.ts";

/** `ecr:PutImage`, `s3:PutObject`, `sts:AssumeRole`: what a request asks for, as far as its envelope says. */
export function operationName(
  service: string,
  request: Pick<AwsRequest, "method" | "path" | "query" | "headers" | "body">,
): string {
  const target = request.headers["x-amz-target"];
  if (target) return `${service}:${target.slice(target.lastIndexOf(".") + 1)}`;
  if (service === "s3") return `s3:${s3Operation(request)}`;
  const form =
    request.method === "POST" ? new URLSearchParams(Buffer.from(request.body).toString()) : request.query;
  return `${service}:${form.get("Action") ?? request.method}`;
}

function s3Operation({ method, path, query }: Pick<AwsRequest, "method" | "path" | "query">): string {
  const object = path.split("/").filter((part) => part !== "").length > 1;
  if (!object) return query.has("list-type") ? "ListObjectsV2" : `${title(method)}Bucket`;
  return `${title(method)}Object`;
}

function title(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase();
}
