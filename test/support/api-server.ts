import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsError } from "@tallyman/cloud/http/aws-service";
import { createIdentity } from "@tallyman/cloud/identity/identity";
import { type VerifiedRequest, verifySignature } from "@tallyman/cloud/identity/verify-signature";
import { createHandler } from "@tallyman/functions/api/handler";
import { anApiEvent } from "../builders/api-event.ts";
import { aLambdaContext } from "../builders/sqs-event.ts";
import type { MemoryApi } from "../fakes/memory-api.ts";

export type ApiServer = {
  readonly url: string;
  /** What was asked, in order: `GET /api/v1/images?...`. */
  readonly requests: readonly string[];
  /** Who asked and for which Region and service each request was signed. */
  readonly callers: readonly VerifiedRequest[];
  close(): Promise<void>;
};

/** The admin API over memory on a loopback port, behind real signatures, as API Gateway would call it. */
export async function startApiServer(api: MemoryApi): Promise<ApiServer> {
  const requests: string[] = [];
  const callers: VerifiedRequest[] = [];
  const identity = createIdentity({ now: () => new Date() });
  const handler = createHandler(api.deps);
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    requests.push(`${request.method} ${request.url}`);
    try {
      const caller = verify(identity, request, body);
      callers.push(caller);
      const answer = await handler(eventOf(request, body, caller.caller.arn), aLambdaContext("api"));
      response.writeHead(answer.statusCode, answer.headers).end(answer.body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      response.writeHead(error.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: error.message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    callers,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function verify(
  identity: ReturnType<typeof createIdentity>,
  request: IncomingMessage,
  body: Buffer,
): VerifiedRequest {
  const [path = "/", query = ""] = (request.url ?? "/").split("?");
  const headers = headersOf(request);
  return verifySignature(identity, { method: request.method ?? "GET", path, query, headers, body });
}

function eventOf(request: IncomingMessage, body: Buffer, userArn: string) {
  return anApiEvent({
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: headersOf(request),
    userArn,
    ...(body.length === 0 ? {} : { body: body.toString() }),
  });
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
