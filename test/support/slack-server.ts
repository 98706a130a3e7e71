import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type SlackAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Cut the connection instead of answering. */
  readonly hangUp?: boolean;
};
export type PostedMessage = {
  readonly token: string;
  readonly channel: string;
  readonly text: string;
  readonly blocks: string;
  readonly fields: URLSearchParams;
};

export type SlackServer = {
  readonly url: string;
  /** Every call of chat.postMessage, refused ones included. */
  readonly calls: readonly PostedMessage[];
  /** Those that were answered with ok. */
  readonly posted: readonly PostedMessage[];
  /** What the next calls are answered, in turn; afterwards ok. */
  answer(...answers: readonly SlackAnswer[]): void;
  close(): Promise<void>;
};

/** Enough of Slack's Web API on a loopback port for the real client: chat.postMessage with scripted answers. */
export async function startSlackServer(): Promise<SlackServer> {
  const calls: PostedMessage[] = [];
  const posted: PostedMessage[] = [];
  const script: SlackAnswer[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const message = asMessage(new URLSearchParams(body), request.headers.authorization ?? "");
    calls.push(message);
    const answer = script.shift() ?? {};
    if (answer.hangUp === true) return void response.destroy();
    if (request.url !== "/api/chat.postMessage") return void response.writeHead(404).end();
    const { status = 200, headers = {}, body: json = { ok: true, ts: "1795262400.000100" } } = answer;
    if (status === 200 && (json as { ok?: boolean }).ok === true) posted.push(message);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    calls,
    posted,
    answer: (...answers) => void script.push(...answers),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function asMessage(fields: URLSearchParams, authorization: string): PostedMessage {
  return {
    token: authorization.replace("Bearer ", ""),
    channel: fields.get("channel") ?? "",
    text: fields.get("text") ?? "",
    blocks: fields.get("blocks") ?? "",
    fields,
  };
}
