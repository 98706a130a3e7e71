import { AwsClient } from "aws4fetch";
import { credentialsOf } from "./registry-client.ts";

export type Answer = {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly contentType: string;
};
export type Item = Record<string, unknown>;

/** Calls the admin API as any IAM principal does: SigV4 over HTTP, signed by code that is not ours. */
export class AdminApi {
  readonly #url: string;
  readonly #signer: AwsClient;

  constructor(url: string, account = "111122223333", region = "us-east-1") {
    this.#url = url;
    this.#signer = new AwsClient({ ...credentialsOf(account), service: "execute-api", region, retries: 0 });
  }

  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send(path, query, { method: "GET" });
  }

  async post(path: string, body: unknown): Promise<Answer> {
    return this.#send(
      path,
      {},
      { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
    );
  }

  /** All items of a list, page by page; an answer that is not 200 is an error, except 404: nothing there. */
  async list(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (let cursor: unknown; ; ) {
      const answer = await this.get(path, { ...query, ...(typeof cursor === "string" ? { cursor } : {}) });
      if (answer.status === 404) return items;
      if (answer.status !== 200)
        throw new Error(`GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      items.push(...(answer.body["items"] as Item[]));
      cursor = answer.body["next"];
      if (cursor === undefined) return items;
    }
  }

  async #send(path: string, query: Readonly<Record<string, string>>, init: RequestInit): Promise<Answer> {
    const url = new URL(`/api/v1${path}`, this.#url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await this.#signer.fetch(url.href, init);
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? {} : JSON.parse(text),
      contentType: response.headers.get("content-type") ?? "",
    };
  }
}
