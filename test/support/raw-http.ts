import { request } from "node:http";
import { connect } from "node:net";

export type RawRequest = {
  readonly method?: string;
  /** The request target as it is to stand on the wire: nothing folds or encodes it. */
  readonly path: string;
  /** A Host header given here replaces that of the URL. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
};
export type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** Longer than any answer may take; a request that reaches it hangs. */
const DEADLINE = 120_000;

/** One request on a connection of its own, exactly as given: foreign Hosts, paths with dots, bodies with any method. */
export function rawHttp(url: string, { method = "GET", path, headers = {}, body }: RawRequest) {
  const { hostname, port } = new URL(url);
  return new Promise<RawAnswer>((resolve, reject) => {
    // Node announces no length for methods that rarely have a body, and would send one all the same.
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options = {
      host: hostname,
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: false,
      timeout: DEADLINE,
    };
    const req = request(options, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("error", reject);
      res.on("end", () => {
        const entries = Object.entries(res.headers).map(([name, value]) => [name, String(value)]);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: res.statusCode ?? 0, headers: Object.fromEntries(entries), text });
      });
    });
    req.on("timeout", () => req.destroy(new Error(`${method} ${path}: no answer after ${DEADLINE} ms`)));
    req.on("error", reject);
    req.end(body);
  });
}

/** Writes the bytes and hangs up when all of them have left, or when the answer has come: `wait`. Resolves with what came. */
export function rawSocket(url: string, text: string, end: "hang up" | "wait"): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(Number(port), hostname, () => {
      socket.write(text, () => end === "hang up" && socket.destroy());
    });
    socket.setTimeout(DEADLINE, () => socket.destroy(new Error(`no answer after ${DEADLINE} ms`)));
    socket.on("data", (chunk) => (received += String(chunk)));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? resolve(received) : reject(error),
    );
    socket.on("close", () => resolve(received));
  });
}
