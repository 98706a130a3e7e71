import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Permits } from "../auth/permit.ts";
import type { Core } from "../core/core.ts";
import type { Downloads } from "../downloads/downloads.ts";

/** One authenticated request on `/v2`, and what is needed to answer it. */
export type Exchange = {
  readonly core: Core;
  readonly permits: Permits;
  readonly downloads: Downloads;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly query: URLSearchParams;
  readonly caller: Caller;
  readonly registry: Registry;
};

/** A request about one repository; its name is well formed, whether it exists is not known yet. */
export type RepositoryExchange = Exchange & { readonly repository: RepositoryRef };

export type Headers = Readonly<Record<string, string | number>>;

export function sendEmpty(res: ServerResponse, status: number, headers: Headers = {}): void {
  res.writeHead(status, { "Content-Length": 0, ...headers });
  res.end();
}

/** A whole body; Node sends a HEAD request its headers alone. */
export function sendBody(res: ServerResponse, body: { bytes: Uint8Array; headers: Headers }): void {
  res.writeHead(200, { "Content-Length": body.bytes.byteLength, ...body.headers });
  res.end(body.bytes);
}

export function sendJson(res: ServerResponse, value: unknown, headers: Headers = {}): void {
  const bytes = Buffer.from(JSON.stringify(value));
  sendBody(res, { bytes, headers: { "Content-Type": "application/json", ...headers } });
}
