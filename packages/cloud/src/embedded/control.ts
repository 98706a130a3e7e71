import type { IncomingMessage, ServerResponse } from "node:http";
import { endAnswer } from "@tallyman/registry/oci/request-body";
import * as z from "zod";
import { AwsError } from "../http/aws-service.ts";
import { readBody } from "../http/read-body.ts";
import { refusal } from "./guard.ts";

/** A control request that cannot be done as it stands. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ControlError";
    this.status = status;
  }
}

export type ControlRequest = {
  /** What the path's `*` stands for. */
  readonly rest: string;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
};

/** By method and path below `/_embedded/`, for example `POST run/*`. Answers are JSON. */
export type ControlHandlers = Readonly<Record<string, (request: ControlRequest) => unknown>>;

const bodyLimit = 1024 * 1024;

/** Answers one request below `/_embedded/`; never rejects. */
export async function handleControl(
  handlers: ControlHandlers,
  req: IncomingMessage,
  res: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const problem = refusal(req);
    if (problem) throw new ControlError(403, `Refused: ${problem}.`);
    answer(res, 200, await run(handlers, req));
  } catch (error) {
    const known = toControlError(error);
    if (!known) onError(error);
    answer(res, known?.status ?? 500, { message: known?.message ?? "Internal error" });
  }
}

async function run(handlers: ControlHandlers, req: IncomingMessage): Promise<unknown> {
  const [path = "", query = ""] = (req.url ?? "").split("?");
  const name = path.replace(/^\/_embedded\/?/, "").replace(/\/$/, "");
  const [first = "", ...rest] = name.split("/");
  const method = req.method === "HEAD" ? "GET" : req.method;
  const handler =
    handlers[`${method} ${name}`] ?? (rest.length > 0 ? handlers[`${method} ${first}/*`] : undefined);
  if (!handler)
    throw new ControlError(
      404,
      `There is no ${method} /_embedded/${name}. There is: ${Object.keys(handlers).join(", ")}.`,
    );
  const text = Buffer.from(await readBody(req, bodyLimit)).toString("utf8");
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return handler({ rest: decodeURIComponent(rest.join("/")), query: new URLSearchParams(query), body });
}

function toControlError(error: unknown): { readonly status: number; readonly message: string } | undefined {
  if (error instanceof ControlError || error instanceof AwsError) return error;
  if (error instanceof SyntaxError) return { status: 400, message: `The body is not JSON: ${error.message}` };
  if (error instanceof URIError) return { status: 400, message: "The path is not valid percent-encoding." };
  if (error instanceof z.ZodError) return { status: 400, message: z.prettifyError(error) };
  return undefined;
}

function answer(res: ServerResponse, status: number, body: unknown): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  endAnswer(res.req, res, JSON.stringify(body ?? {}));
}
