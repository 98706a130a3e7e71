import { Agent, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Registry } from "@tallyman/domain/registry/registry";

/** A way to this cloud's own port, for whoever pulls: a few connections that are kept. */
export type RegistryConnection = {
  send(request: RegistryRequest): Promise<IncomingMessage>;
  close(): void;
};

export type RegistryRequest = {
  readonly method: string;
  /** Path and query, or the absolute URL of a redirect. */
  readonly path: string;
  /** As `Host`: the registry that is asked. */
  readonly host: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Connections at once: a thousand tasks that start together wait for each other instead. */
const MOST_CONNECTIONS = 16;

/** `endpoint`: where the cloud listens, `http://127.0.0.1:<port>`. */
export function connectRegistry(endpoint: () => string): RegistryConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  return {
    send({ method, path, host, headers, body, signal }) {
      const { pathname, search } = new URL(path, "http://registry");
      const { hostname, port } = new URL(endpoint());
      return new Promise((resolve, reject) => {
        const sent = request(
          {
            agent,
            method,
            hostname,
            port,
            path: `${pathname}${search}`,
            headers: { ...headers, host },
            ...(signal && { signal }),
          },
          resolve,
        );
        sent.on("error", reject);
        sent.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** The name under which a registry answers here. */
export function registryHost({ account, region }: Registry): string {
  return `${account}.dkr.ecr.${region}.localhost`;
}

/** Bytes; manifests have at most 4 MiB, answers of the API less. */
const LONGEST_ANSWER = 8 * 1024 * 1024;

/** The whole body of an answer that is small; throws when it is not. */
export async function smallBody(answer: IncomingMessage): Promise<Buffer> {
  if (Number(answer.headers["content-length"] ?? 0) > LONGEST_ANSWER) {
    answer.destroy();
    throw new Error(`An answer of ${answer.headers["content-length"]} bytes is too long.`);
  }
  return buffer(answer);
}
