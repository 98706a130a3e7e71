import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { useOriginForm } from "./origin-form.ts";

/** One part of the cloud's single port. True: it is mine, and I answer it. Handlers never reject. */
export type Route = {
  readonly matches: (path: string, req: IncomingMessage) => boolean;
  readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
};

export type HttpServer = {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends idle connections at once, others after their answer or `graceMilliseconds`. */
  stop(graceMilliseconds?: number): Promise<void>;
};

/** Somebody else listens there already. */
export class PortInUseError extends Error {
  readonly code = "EADDRINUSE";

  constructor(port: number) {
    super(`Port ${port} is in use. Choose another one with --port, or --port 0 for any that is free.`);
    this.name = "PortInUseError";
  }
}

/** Listens on loopback only. Uploads may take long: no limit for a whole request, one for its headers. */
export async function startHttpServer(options: {
  readonly port: number;
  readonly routes: readonly Route[];
  readonly onError: (error: unknown) => void;
}): Promise<HttpServer> {
  const server = createServer({
    maxHeaderSize: 32 * 1024,
    requestTimeout: 0,
    headersTimeout: 20_000,
    keepAliveTimeout: 65_000,
  });
  server.on("request", (req, res) => {
    dispatch(options.routes, req, res).catch((error: unknown) => {
      options.onError(error);
      res.destroy();
    });
  });
  server.on("clientError", (error, socket) => {
    if (socket.writable) socket.end(`HTTP/1.1 ${statusOf(error)}\r\nConnection: close\r\n\r\n`);
  });
  const port = await listen(server, options.port);
  return { port, url: `http://127.0.0.1:${port}`, stop: (grace = 2000) => close(server, grace) };
}

/** Of what is no request. */
function statusOf({ code }: NodeJS.ErrnoException): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
}

async function dispatch(routes: readonly Route[], req: IncomingMessage, res: ServerResponse): Promise<void> {
  // A client that goes away in the middle of a request is nobody's error.
  req.on("error", () => undefined);
  res.on("error", () => undefined);
  useOriginForm(req);
  const [path = "/"] = (req.url ?? "/").split("?");
  const route = routes.find(({ matches }) => matches(path, req));
  if (route) await route.handle(req, res);
  else notFound(path, req, res);
}

function notFound(path: string, req: IncomingMessage, res: ServerResponse): void {
  const message = [
    `Nothing answers ${req.method} ${path} here.`,
    "AWS calls: signed, POST / (credentials test/test). Images: /v2/. Control: /_embedded/health.",
  ].join(" ");
  res.writeHead(404, { "content-type": "application/json", connection: "close" });
  res.end(JSON.stringify({ message }));
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortInUseError(port) : error);
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearTimeout(force);
}
