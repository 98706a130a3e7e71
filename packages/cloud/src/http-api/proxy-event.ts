import { randomUUID } from "node:crypto";
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { WireRequest } from "../identity/verify-signature.ts";
import type { ApiRoute } from "./api-definitions.ts";
import type { PathParameters } from "./route-key.ts";

/** A request to an HTTP API as it came over the wire. */
export type ApiRequest = WireRequest & {
  /** The peer's address. */
  readonly sourceIp: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
};

/** Who was let in by IAM. */
export type IamCaller = {
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly userId: string;
  readonly organizationId: string | undefined;
};

export type EventParts = {
  readonly request: ApiRequest;
  readonly route: ApiRoute;
  readonly parameters: PathParameters;
  /** Undefined on a route without authorization. */
  readonly iam: IamCaller | undefined;
  readonly now: Date;
};

/**
 * The event of an HTTP API, payload format 2.0. API Gateway decodes the path but not the query string, joins repeated
 * headers with commas and gives bodies that are no text in base64.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function proxyEvent({ request, route, parameters, iam, now }: EventParts): Record<string, unknown> {
  const { cookie, ...headers } = request.headers;
  const query = new URLSearchParams(request.query);
  const path = decodedPath(request.path);
  return {
    version: "2.0",
    routeKey: route.key.text,
    rawPath: path,
    rawQueryString: request.query,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers,
    ...(query.size > 0 && { queryStringParameters: joined(query) }),
    requestContext: requestContext({ request, route, iam, now, path }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    ...bodyOf(request),
  };
}

function requestContext({
  request,
  route,
  iam,
  now,
  path,
}: Omit<EventParts, "parameters"> & { path: string }) {
  const host = request.headers["host"] ?? "";
  return {
    accountId: route.account,
    apiId: route.apiId,
    domainName: host,
    domainPrefix: host.split(".")[0],
    ...(iam && { authorizer: { iam: iamAuthorizer(iam) } }),
    http: {
      method: request.method,
      path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.headers["user-agent"] ?? "",
    },
    requestId: randomUUID(),
    routeKey: route.key.text,
    stage: route.stage,
    time: logTime(now),
    timeEpoch: now.getTime(),
  };
}

function iamAuthorizer({ caller, accessKeyId, userId, organizationId }: IamCaller) {
  return {
    accessKey: accessKeyId,
    accountId: caller.account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: organizationId ?? null,
    userArn: caller.arn,
    userId,
  };
}

/** Throws URIError for a path that is no percent-encoding. */
export function decodedPath(path: string): string {
  return decodeURIComponent(path);
}

function joined(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(",")]));
}

const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|[\w.+-]+\+(json|xml))\b)/i;

function bodyOf({ body, headers }: ApiRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const bytes = Buffer.from(body);
  const text = bytes.toString("utf8");
  const isText = TEXT.test(headers["content-type"] ?? "text/plain") && Buffer.from(text).equals(bytes);
  return isText
    ? { body: text, isBase64Encoded: false }
    : { body: bytes.toString("base64"), isBase64Encoded: true };
}

/** `21/Nov/2026:12:00:00 +0000` */
function logTime(now: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
