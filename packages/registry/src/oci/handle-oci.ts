import type { IncomingMessage, ServerResponse } from "node:http";
import type { CheckToken } from "../auth/authorization-token.ts";
import type { Permits } from "../auth/permit.ts";
import type { Admit } from "../core/admission.ts";
import type { Core } from "../core/core.ts";
import type { Downloads } from "../downloads/downloads.ts";
import type { Trail } from "../events/trail/trail.ts";
import { isDiskFull } from "../storage/disk-full.ts";
import { authenticate } from "./authenticate.ts";
import { deleteBlob, serveBlob } from "./blobs.ts";
import { serveCatalog } from "./catalog.ts";
import { OciError, toOciError } from "./errors.ts";
import { type Exchange, type RepositoryExchange, sendJson } from "./exchange.ts";
import { impliedCalls } from "./implied-calls.ts";
import { deleteManifest, receiveManifest, serveManifest } from "./manifests.ts";
import { serveReferrers } from "./referrers.ts";
import { endAnswer } from "./request-body.ts";
import { parseRoute, type Route } from "./route.ts";
import { serveTags } from "./tags.ts";
import { trailedExchange } from "./trailed-exchange.ts";
import { appendToUpload, beginUpload, cancelUpload, finishUpload, showUpload } from "./uploads.ts";

export type OciDependencies = {
  readonly core: Core;
  readonly permits: Permits;
  readonly checkToken: CheckToken;
  readonly downloads: Downloads;
  readonly trail: Trail;
  readonly admit: Admit;
  /** Hears of errors that are nobody's fault but ours; the client got a 500. */
  readonly onError: (error: unknown) => void;
};

/** Answers one request under `/v2`. Never rejects: a client that goes away takes nothing else with it. */
export async function handleOci(
  deps: OciDependencies,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  res.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
  try {
    await answer(deps, req, res);
  } catch (error) {
    refuse(deps, { req, res }, error);
  }
}

async function answer(deps: OciDependencies, req: IncomingMessage, res: ServerResponse) {
  const { core, permits, checkToken, downloads, trail } = deps;
  const { caller, registry } = authenticate(req, checkToken, core.now());
  const target = req.url ?? "/";
  const query = new URLSearchParams(target.split("?").slice(1).join("?"));
  const client = { address: req.socket.remoteAddress, userAgent: req.headers["user-agent"] };
  const exchange = { core, permits: permits.from(client), downloads, req, res, query, caller, registry };
  const route = parseRoute(target);
  const { region } = registry;
  await trailedExchange(trail, exchange, {
    route,
    answer() {
      deps.admit({
        caller,
        region,
        operations: () => impliedCalls(exchange, route).map((call) => call.operation),
      });
      return dispatch(exchange, route);
    },
  });
}

async function dispatch(exchange: Exchange, route: Route): Promise<void> {
  const method = exchange.req.method ?? "";
  const handle = handlersOf(exchange, route)[method];
  if (handle === undefined) throw methodNotAllowed(method);
  await handle();
}

type Handlers = Partial<Record<string, () => void | Promise<void>>>;

function handlersOf(exchange: Exchange, route: Route): Handlers {
  if (route.to === "base") {
    return bothWays(() => sendJson(exchange.res, {}));
  }
  if (route.to === "catalog") {
    return bothWays(() => serveCatalog(exchange));
  }
  const repository = { ...exchange.registry, repository: route.name };
  return handlersInRepository({ ...exchange, repository }, route);
}

/** A HEAD is a GET whose body Node does not send. */
function bothWays(serve: () => void): Handlers {
  return { GET: serve, HEAD: serve };
}

type RouteInRepository = Extract<Route, { name: string }>;

function handlersInRepository(exchange: RepositoryExchange, route: RouteInRepository): Handlers {
  switch (route.to) {
    case "manifest": {
      const serve = () => serveManifest(exchange, route.reference);
      const put = () => receiveManifest(exchange, route.reference);
      return { GET: serve, HEAD: serve, PUT: put, DELETE: () => deleteManifest(exchange, route.reference) };
    }
    case "blob": {
      const serve = () => serveBlob(exchange, route.digest);
      return { GET: serve, HEAD: serve, DELETE: () => deleteBlob(exchange, route.digest) };
    }
    case "uploads":
      return { POST: () => beginUpload(exchange) };
    case "upload":
      return {
        GET: () => showUpload(exchange, route.id),
        PATCH: () => appendToUpload(exchange, route.id),
        PUT: () => finishUpload(exchange, route.id),
        DELETE: () => cancelUpload(exchange, route.id),
      };
    case "tags":
      return bothWays(() => serveTags(exchange));
    case "referrers":
      return bothWays(() => serveReferrers(exchange, route.digest));
  }
}

function methodNotAllowed(method: string): OciError {
  return new OciError(405, "UNSUPPORTED", `The operation ${method} is unsupported here`);
}

/** Tells the client, if it still listens and nothing was sent yet. */
function refuse(
  { core, onError }: OciDependencies,
  { req, res }: Pick<Exchange, "req" | "res">,
  error: unknown,
): void {
  const aborted = res.closed || (res.socket?.destroyed ?? true);
  const known = toOciError(error, core.switches);
  // A full disk is told to the client and to whoever runs the registry.
  if ((known === undefined || isDiskFull(error)) && !aborted) onError(error);
  if (res.headersSent || aborted) {
    res.destroy();
    return;
  }
  const { status, code, message, headers } = known ?? new OciError(500, "UNKNOWN", "Internal error");
  const plain = status === 401;
  const body = Buffer.from(plain ? message : JSON.stringify({ errors: [{ code, message }] }));
  res.writeHead(status, {
    "Content-Type": plain ? "text/plain; charset=utf-8" : "application/json; charset=utf-8",
    "Content-Length": body.byteLength,
    ...headers,
  });
  endAnswer(req, res, body);
}
