import type { IncomingMessage, ServerResponse } from "node:http";
import { endAnswer } from "@tallyman/registry/oci/request-body";
import { headersOf } from "../http/aws-border.ts";
import { AwsError } from "../http/aws-service.ts";
import { readBody } from "../http/read-body.ts";
import type { Route } from "../http/server.ts";
import type { HttpApi } from "./http-api.ts";
import { type ApiAnswer, gatewayAnswer } from "./proxy-answer.ts";

/** One byte more than API Gateway takes, so that it can say so itself. */
const BODY_LIMIT = 10 * 1024 * 1024 + 1;

/** The HTTP APIs as a part of the cloud's one port. */
export function httpApiRoute(api: HttpApi, onError: (error: unknown) => void): Route {
  return {
    matches: (path) => api.matches(path),
    async handle(req, res) {
      try {
        send(req, res, await answer(api, req));
      } catch (error) {
        onError(error);
        send(req, res, gatewayAnswer(500, "Internal Server Error"));
      }
    },
  };
}

async function answer(api: HttpApi, req: IncomingMessage): Promise<ApiAnswer> {
  const [path = "/", ...query] = (req.url ?? "/").split("?");
  try {
    return await api.handle({
      method: req.method ?? "GET",
      path,
      query: query.join("?"),
      headers: headersOf(req),
      body: await readBody(req, BODY_LIMIT),
      sourceIp: req.socket.remoteAddress ?? "",
      protocol: `HTTP/${req.httpVersion}`,
    });
  } catch (error) {
    if (error instanceof AwsError && error.status === 413)
      return gatewayAnswer(413, "Request Entity Too Large");
    throw error;
  }
}

function send(req: IncomingMessage, res: ServerResponse, { status, headers, body }: ApiAnswer): void {
  if (res.headersSent || res.destroyed) return;
  for (const [name, value] of Object.entries(headers))
    res.setHeader(name, Array.isArray(value) ? [...value] : String(value));
  res.statusCode = status;
  endAnswer(req, res, req.method === "HEAD" ? undefined : body);
}
