import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { endAnswer } from "@tallyman/registry/oci/request-body";
import type { Identity } from "../identity/identity.ts";
import { type VerifiedRequest, verifySignature } from "../identity/verify-signature.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "./aws-service.ts";
import { operationName } from "./operation-name.ts";
import { readBody } from "./read-body.ts";
import { renderAwsError } from "./render-error.ts";
import type { Wire } from "./wire.ts";

export type AwsBorderOptions = {
  readonly identity: Identity;
  /** By signing name. */
  readonly services: ReadonlyMap<string, AwsService>;
  readonly wire: Wire;
  /** Errors of ours: the client got a 500. */
  readonly onError: (error: unknown) => void;
};

/** Bytes. UploadLayerPart carries up to 20 MiB in base64; PutImage up to 4 MiB, each character of which may be an escape of six. */
const bodyLimit = 8 * 1024 * 1024;
const contentLimit = 32 * 1024 * 1024;
const withContent = /\.(UploadLayerPart|PutImage)$/;

/** Which service an unsigned or wrongly signed request meant, so that it is refused in that service's words. */
const servicesByTarget: readonly (readonly [RegExp, string])[] = [
  [/^AmazonEC2ContainerRegistry/, "ecr"],
  [/^AmazonEC2ContainerServiceV20141113\./, "ecs"],
  [/^AmazonSQS\./, "sqs"],
  [/^DynamoDB_/, "dynamodb"],
  [/^AWSEvents\./, "events"],
  [/^AmazonSSM\./, "ssm"],
  [/^AWSOrganizationsV20161128\./, "organizations"],
];

/** Answers one AWS call: signature first, then the service that the credential scope names. */
export async function handleAws(
  options: AwsBorderOptions,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const meant = serviceOf(req);
  try {
    const limit = withContent.test(String(req.headers["x-amz-target"])) ? contentLimit : bodyLimit;
    const wire = { ...wireParts(req), body: await readBody(req, limit) };
    const verified = verifySignature(options.identity, { ...wire, service: meant });
    send(options, { req, res }, await call(options, awsRequest(res, wire, verified), verified));
  } catch (error) {
    if (!(error instanceof AwsError)) options.onError(error);
    const known = error instanceof AwsError ? error : new AwsError("InternalFailure", "Internal error", 500);
    send(options, { req, res }, renderAwsError(meant, known));
  }
}

type Exchange = { readonly req: IncomingMessage; readonly res: ServerResponse };

async function call(
  options: AwsBorderOptions,
  request: AwsRequest,
  verified: VerifiedRequest,
): Promise<AwsResponse> {
  const service = options.services.get(verified.service);
  const operation = service?.operationOf?.(request);
  const name = operation ? `${verified.service}:${operation}` : operationName(verified.service, request);
  options.wire.count(name, verified.caller);
  if (service) return service.handle(request);
  const known = [...options.services.keys()].join(", ");
  throw new AwsError(
    "UnknownService",
    `This cloud has no service ${verified.service}. It has: ${known}.`,
    404,
  );
}

type WireParts = ReturnType<typeof wireParts> & { readonly body: Uint8Array };

function awsRequest(res: ServerResponse, wire: WireParts, verified: VerifiedRequest): AwsRequest {
  const { method, path, query, headers, body } = wire;
  let signal: AbortSignal | undefined;
  return {
    method,
    path: decodePath(path),
    query: new URLSearchParams(query),
    headers,
    body,
    caller: verified.caller,
    account: verified.account,
    region: verified.region,
    address: res.socket?.remoteAddress ?? "",
    // Made for those who wait: most answers never ask.
    get signal() {
      signal ??= goneSignal(res);
      return signal;
    },
  };
}

/** Aborted when the client goes before it has its answer, or has gone. */
function goneSignal(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const check = () => {
    if (!res.writableFinished) gone.abort();
  };
  if (res.closed) check();
  else res.once("close", check);
  return gone.signal;
}

function wireParts(req: IncomingMessage) {
  const [path = "/", ...query] = (req.url ?? "/").split("?");
  return { method: req.method ?? "GET", path, query: query.join("?"), headers: headersOf(req) };
}

/** Headers as SigV4's canonical form wants them: the values of a repeated one joined by a bare comma, where Node adds a space. */
export function headersOf({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): Record<string, string> {
  // Without a prototype: a client may call a header `constructor`.
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const value = (rawHeaders[at + 1] ?? "").trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}${name === "cookie" ? "; " : ","}${value}`;
  }
  return headers;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AwsError("MalformedQueryString", "The path is not valid percent-encoding.");
  }
}

function serviceOf(req: IncomingMessage): string {
  const target = req.headers["x-amz-target"]?.toString() ?? "";
  const byTarget = servicesByTarget.find(([pattern]) => pattern.test(target))?.[1];
  const [, signed] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(req.headers.authorization ?? "") ?? [];
  const [, presigned] = /X-Amz-Credential=[^&]*%2F([a-z0-9-]+)%2Faws4_request/i.exec(req.url ?? "") ?? [];
  return signed ?? presigned ?? byTarget ?? "";
}

/**
 * SDKs correct their signing clock by the `Date` of an answer: for a caller that lives by the cloud's clock it is that
 * clock's, also when its signature was refused for being too old.
 */
function send(options: AwsBorderOptions, { req, res }: Exchange, response: AwsResponse): void {
  if (res.headersSent || res.destroyed) return;
  const token = req.headers["x-amz-security-token"]?.toString();
  const clock = token === undefined ? undefined : options.identity.sessions.clockOf(token);
  const date = clock === "cloud" ? options.identity.now() : options.identity.wallClock();
  const body = req.method === "HEAD" ? undefined : response.body;
  res.writeHead(response.status, {
    "x-amzn-requestid": randomUUID(),
    // Without it Node would send the answer in chunks, in several writes.
    ...(body !== undefined && response.status !== 204 && { "content-length": Buffer.byteLength(body) }),
    ...response.headers,
    date: date.toUTCString(),
  });
  endAnswer(req, res, body);
}
