import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export type Call = {
  readonly method?: "GET" | "POST" | "PUT";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the only authority that may have signed the server's certificate; without it, those that Node knows. */
  readonly ca?: string;
  /** An answer may have so many bytes. */
  readonly most?: number;
};
export type Answer = { readonly status: number; readonly text: string };

const TIMEOUT_MS = 60_000;
const MIB = 1024 * 1024;

/**
 * One request. Follows no redirect: the token and the signature are for this host only. Throws when there is no whole
 * answer within a minute, or it is too large.
 */
export function send(call: Call): Promise<Answer> {
  const { method = "GET", url, headers = {}, body, ca } = call;
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { "content-length": `${Buffer.byteLength(body)}` };
  const options = { method, headers: { ...headers, ...length }, signal: AbortSignal.timeout(TIMEOUT_MS) };
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(url, { ...options, ...(ca !== undefined && { ca }) }, (incoming) => {
      readAll(incoming, call.most ?? MIB).then(
        (text) => resolve({ status: incoming.statusCode ?? 0, text }),
        (error: unknown) => {
          reject(error);
          incoming.destroy();
        },
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  }).catch((cause: unknown) => {
    throw new Error(`${method} ${url.origin}${url.pathname}: ${reasonOf(cause)}`, { cause });
  });
}

async function readAll(incoming: AsyncIterable<Buffer>, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > most) throw new Error(`the answer has more than ${most / MIB} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "AbortError" || cause.name === "TimeoutError")
    return `no whole answer within ${TIMEOUT_MS / 1000} s`;
  return cause.message === "" && "code" in cause ? String(cause.code) : cause.message;
}

/** `http:` only to this machine, and to where EKS hands out credentials. */
export function isLocal({ hostname }: URL): boolean {
  const local = ["127.0.0.1", "[::1]", "localhost", "169.254.170.23", "[fd00:ec2::23]"];
  return local.includes(hostname);
}
