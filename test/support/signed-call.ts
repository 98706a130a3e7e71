import { AwsV4Signer } from "aws4fetch";
import { type RawAnswer, rawHttp } from "./raw-http.ts";
import { credentialsOf, type Registry } from "./registry-client.ts";

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};
export type AwsCall = {
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: Credentials;
  /** What somebody on the way does to the signed request. */
  readonly tamper?: (headers: Record<string, string>) => void;
};

/** A call that no SDK would make: signed by code that is not ours, then sent as it is. */
export async function signedCall(url: string, registry: Registry, call: AwsCall): Promise<RawAnswer> {
  const {
    service,
    method = "POST",
    path = "/",
    body = "",
    credentials = credentialsOf(registry.account),
  } = call;
  const signer = new AwsV4Signer({
    ...credentials,
    service,
    region: registry.region,
    method,
    url: new URL(path, url).href,
    headers: { ...call.headers },
    ...(body === "" ? {} : { body }),
    // Of the headers that a proxy may change, only these decide what is asked.
    allHeaders: false,
  });
  const signed = await signer.sign();
  const headers = Object.fromEntries(new Headers(signed.headers));
  call.tamper?.(headers);
  return rawHttp(url, { method, path: signed.url.pathname + signed.url.search, headers, body });
}

/** A call of an AWS JSON API by its target. */
export function jsonCall(
  url: string,
  registry: Registry,
  call: Omit<AwsCall, "method" | "path" | "headers"> & { readonly target: string },
): Promise<RawAnswer> {
  const headers = { "x-amz-target": call.target, "content-type": "application/x-amz-json-1.1" };
  return signedCall(url, registry, { ...call, headers });
}
