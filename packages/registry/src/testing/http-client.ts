import { type IncomingHttpHeaders, request } from "node:http";

export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
};

export type HttpQuestion = {
  readonly method: string;
  /** Sent as it is: nothing is folded or encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

/** One request with every byte and every header under the caller's control (`fetch` folds `..` and owns `Host`). */
export function ask(url: string, question: HttpQuestion): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url);
  const { method, path, headers = {}, body } = question;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const all = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: all,
          text: String(all),
        });
      });
    });
    sent.on("error", reject);
    if (body !== undefined && headers["Transfer-Encoding"] === undefined) {
      sent.setHeader("Content-Length", headers["Content-Length"] ?? body.byteLength);
    }
    sent.end(body);
  });
}

/** The code of an OCI error body. */
export function errorCode(answer: HttpAnswer): string {
  return JSON.parse(answer.text).errors[0].code;
}
