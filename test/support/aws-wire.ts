import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** One call as AWS hears it: `ecs:ListTasks`, from which account and Region, with the members of its input. */
export type WireCall = {
  readonly action: string;
  /** The access key, for which tests take the account's id. */
  readonly account: string;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
};
export type WireAnswer = { readonly status?: number; readonly body: unknown };
export type WireAnswers = Readonly<Record<string, (call: WireCall) => WireAnswer>>;

export type AwsWire = {
  readonly endpoint: string;
  readonly calls: readonly WireCall[];
  /** How often each action was called. */
  counts(): Readonly<Record<string, number>>;
  close(): Promise<void>;
};

/** What AWS's services say of a call that they do not take, over each of their protocols. */
export function refusal(code: string, status = 400): WireAnswer {
  return { status, body: { __type: code, Code: code, message: "no" } };
}

/** A server of the APIs that speak JSON (by X-Amz-Target) or REST; calls without an answer are refused. */
export async function startAwsWire(answers: WireAnswers): Promise<AwsWire> {
  const calls: WireCall[] = [];
  const server = createServer(async (request, response) => {
    const call = callOf(request, await text(request));
    calls.push(call);
    const { status = 200, body } = answers[call.action]?.(call) ?? refusal("UnknownOperationException");
    const type = status === 200 ? {} : { "x-amzn-errortype": String(Object(body).__type) };
    response.writeHead(status, { "content-type": "application/json", ...type }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    counts: () =>
      Object.fromEntries(
        [...Map.groupBy(calls, (it) => it.action)].map(([action, all]) => [action, all.length]),
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callOf(request: IncomingMessage, body: string): WireCall {
  const scope = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? "");
  const [, account = "", region = "", service = ""] = scope ?? [];
  const input = body === "" ? {} : (JSON.parse(body) as Record<string, unknown>);
  const target = request.headers["x-amz-target"];
  if (typeof target === "string")
    return { action: `${service}:${target.split(".").at(-1)}`, account, region, input };
  const url = new URL(request.url ?? "/", "http://wire");
  const { action, names } = restAction(request.method ?? "", url.pathname);
  return { action, account, region, input: { ...input, ...Object.fromEntries(url.searchParams), ...names } };
}

const ROUTES: readonly (readonly [string, RegExp, string])[] = [
  ["GET", /^\/2015-03-31\/functions\/?$/, "lambda:ListFunctions"],
  ["GET", /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)$/, "lambda:GetFunction"],
  ["GET", /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/aliases$/, "lambda:ListAliases"],
  ["GET", /^\/schedules$/, "scheduler:ListSchedules"],
  ["GET", /^\/schedules\/(?<Name>[^/]+)$/, "scheduler:GetSchedule"],
  ["POST", /^\/coverage\/list$/, "inspector2:ListCoverage"],
  ["POST", /^\/cluster\/get$/, "inspector2:GetClustersForImage"],
];

function restAction(method: string, path: string) {
  for (const [verb, pattern, action] of ROUTES) {
    const found = pattern.exec(path);
    if (verb === method && found) {
      const names = Object.entries(found.groups ?? {}).map(([key, value]) => [
        key,
        decodeURIComponent(value),
      ]);
      return { action, names: Object.fromEntries(names) as Record<string, string> };
    }
  }
  return { action: `${method} ${path}`, names: {} };
}
