import type { IncomingMessage, ServerResponse } from "node:http";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import { AwsError } from "../http/aws-service.ts";
import { readBody } from "../http/read-body.ts";
import type { Route } from "../http/server.ts";
import { callSlack, type SlackArguments } from "./slack-api.ts";
import { createSlackMessages, type SlackMessage } from "./slack-messages.ts";

export type SlackSinkOptions = {
  readonly clock: CloudClock;
  readonly faults: Faults;
  /** Whether the sink refuses more than one message per second and channel, as Slack does. Default: no. */
  readonly paced?: boolean;
  /** Hears of each message as it is posted or updated. */
  readonly onMessage?: (message: SlackMessage) => void;
};

export type SlackSink = {
  /** Slack's Web API below `/_embedded/slack/api/`. */
  readonly route: Route;
  messages(): readonly SlackMessage[];
  setPaced(paced: boolean): void;
  clear(): void;
};

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown };
type Call = { readonly method: string; readonly token: string | undefined; readonly fields: SlackArguments };

const PREFIX = "/_embedded/slack/api/";
const BODY_LIMIT = 1024 * 1024;
const PACE_MILLISECONDS = 1000;

/**
 * Takes messages as Slack would: chat.postMessage, chat.update, auth.test, called with a bot token. A web page cannot:
 * it may not send an Authorization header across origins.
 */
export function createSlackSink(options: SlackSinkOptions): SlackSink {
  const messages = createSlackMessages(() => options.clock.now());
  const lastPost = new Map<string, number>();
  let paced = options.paced ?? false;

  /** Seconds to wait, by the wall clock: the limit is about load. */
  function retryAfter({ method, fields }: Call): number | undefined {
    if (!paced || method !== "chat.postMessage") return undefined;
    const channel = String(fields["channel"] ?? "");
    const since = performance.now() - (lastPost.get(channel) ?? Number.NEGATIVE_INFINITY);
    if (since < PACE_MILLISECONDS) return Math.ceil((PACE_MILLISECONDS - since) / 1000);
    lastPost.set(channel, performance.now());
    return undefined;
  }

  function answer(call: Call): Answer {
    const fault = options.faults.failure(`slack:${call.method}`);
    if (fault) return failed(fault);
    const seconds = retryAfter(call);
    if (seconds !== undefined) return failed({ status: 429, code: "ratelimited", retryAfter: seconds });
    const result = callSlack(messages, call.method, call);
    const posted = messages
      .list()
      .find(({ ts, channel }) => result.ok && ts === result["ts"] && channel === result["channel"]);
    if (posted) options.onMessage?.(posted);
    return { status: 200, body: result };
  }

  return {
    route: {
      matches: (path) => path.startsWith(PREFIX),
      async handle(req, res) {
        const call = await readCall(req);
        send(req, res, "status" in call ? call : answer(call));
      },
    },
    messages: messages.list,
    setPaced(next) {
      paced = next;
    },
    clear() {
      messages.clear();
      lastPost.clear();
    },
  };
}

/** A rate limit in Slack's form, any other failure as a bare status. */
function failed(fault: NonNullable<ReturnType<Faults["failure"]>>): Answer {
  const headers = fault.status === 429 ? { "retry-after": String(fault.retryAfter ?? 1) } : {};
  const error = fault.status === 429 ? "ratelimited" : fault.code;
  return { status: fault.status, headers, body: { ok: false, error } };
}

async function readCall(req: IncomingMessage): Promise<Call | Answer> {
  const method = (req.url ?? "").split("?")[0]?.slice(PREFIX.length) ?? "";
  const [, token] = /^Bearer (.+)$/.exec(req.headers.authorization ?? "") ?? [];
  try {
    const text = Buffer.from(await readBody(req, BODY_LIMIT)).toString("utf8");
    const fields = readFields(req.headers["content-type"] ?? "", text);
    return fields ? { method, token, fields } : { status: 200, body: { ok: false, error: "invalid_json" } };
  } catch (error) {
    if (error instanceof AwsError)
      return { status: error.status, body: { ok: false, error: "request_too_large" } };
    throw error;
  }
}

function readFields(contentType: string, text: string): SlackArguments | undefined {
  if (!contentType.startsWith("application/json")) return Object.fromEntries(new URLSearchParams(text));
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function send(req: IncomingMessage, res: ServerResponse, { status, headers, body }: Answer): void {
  if (res.headersSent || res.destroyed) return;
  const close = req.complete ? {} : { connection: "close" };
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers, ...close });
  res.end(JSON.stringify(body));
}
