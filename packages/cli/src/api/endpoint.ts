import { UsageError } from "../errors.ts";

export const DEFAULT_ENDPOINT = "http://127.0.0.1:4510";

export type Endpoint = {
  readonly url: URL;
  /** The Region that requests are signed for. */
  readonly region: string;
  /** An embedded cloud on this machine. */
  readonly isLoopback: boolean;
};

export type EndpointOptions = {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * Where the API is: `--endpoint`, else TALLYMAN_ENDPOINT, else the embedded cloud. The signing Region: `--region`, else
 * the one in an execute-api host name, else AWS_REGION or AWS_DEFAULT_REGION, else us-east-1. Throws UsageError.
 */
export function resolveEndpoint({ endpoint, region, env }: EndpointOptions): Endpoint {
  const url = parseUrl(endpoint ?? env["TALLYMAN_ENDPOINT"] ?? DEFAULT_ENDPOINT);
  const isLoopback =
    ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) || url.hostname.endsWith(".localhost");
  if (url.protocol === "http:" && !isLoopback)
    throw new UsageError(`${url.origin} is neither https nor this machine; use an https:// URL.`);
  const inHost = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$/.exec(url.hostname)?.[1];
  const fromEnvironment = isLoopback ? undefined : (env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"]);
  return { url, isLoopback, region: region ?? inHost ?? fromEnvironment ?? "us-east-1" };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new UsageError(`"${text}" is not a URL of an API; give one like ${DEFAULT_ENDPOINT}.`);
  return url;
}
