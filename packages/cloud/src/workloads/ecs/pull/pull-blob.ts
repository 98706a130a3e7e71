import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ImageUri } from "@tallyman/domain/registry/image-uri";
import type { Descriptor } from "./manifest.ts";
import { PullError } from "./pull-error.ts";
import { type RegistryConnection, registryHost, smallBody } from "./registry-connection.ts";

export type Pull = {
  readonly connection: RegistryConnection;
  readonly uri: ImageUri;
  /** `Authorization` for `/v2`. */
  readonly token: string;
  /** Ask whether a layer is there before it is fetched (BatchCheckLayerAvailability). */
  readonly checksLayers: boolean;
  readonly signal: AbortSignal;
};

/** The downloads under way, by registry, repository and digest: who comes meanwhile waits for the same bytes. */
export type SharedDownloads = Map<string, Promise<void>>;

/**
 * Fetches one layer and checks its digest, without keeping a byte of it. Each pull is authorised by its own requests: one
 * that finds the download under way asks for a single byte and waits for the rest.
 */
export async function pullBlob(pull: Pull, shared: SharedDownloads, blob: Descriptor): Promise<void> {
  if (pull.checksLayers) discard(await ask(pull, blob, "HEAD"));
  const { registry, repository } = pull.uri;
  const key = `${registry.account}/${registry.region}/${repository}@${blob.digest}`;
  const underWay = shared.get(key);
  if (!underWay) return download(pull, shared, { blob, key });
  discard(await ask(pull, blob, "GET", { range: "bytes=0-0" }));
  // Whoever was first may have been stopped: then it is fetched after all.
  const arrived = await underWay.then(
    () => true,
    () => false,
  );
  if (!arrived) await pullBlob(pull, shared, blob);
}

async function download(
  pull: Pull,
  shared: SharedDownloads,
  { blob, key }: { readonly blob: Descriptor; readonly key: string },
): Promise<void> {
  const arriving = fetchAndCheck(pull, blob);
  shared.set(key, arriving);
  try {
    await arriving;
  } finally {
    shared.delete(key);
  }
}

async function fetchAndCheck(pull: Pull, blob: Descriptor): Promise<void> {
  const answer = await ask(pull, blob, "GET");
  const hash = createHash(blob.digest.slice(0, blob.digest.indexOf(":")));
  let size = 0;
  for await (const chunk of answer) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  const digest = `${blob.digest.slice(0, blob.digest.indexOf(":"))}:${hash.digest("hex")}`;
  if (digest !== blob.digest || size !== blob.size)
    throw new PullError({
      at: "content",
      message: `failed commit on ref "layer-${blob.digest}": unexpected digest ${digest}`,
    });
}

/** One request for a blob, and where it is redirected to; the answer is a success. @throws PullError */
async function ask(
  pull: Pull,
  { digest }: Descriptor,
  method: "GET" | "HEAD",
  headers: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const { connection, uri, token, signal } = pull;
  const host = registryHost(uri.registry);
  const path = `/v2/${uri.repository}/blobs/${digest}`;
  const answer = await connection.send({
    method,
    path,
    host,
    headers: { ...headers, authorization: token },
    signal,
  });
  const { statusCode = 0, headers: answered } = answer;
  if (statusCode === 200 || statusCode === 206) return answer;
  if (statusCode !== 307) throw await refusal(answer, { at: "layer", url: `https://${host}${path}` });
  discard(answer);
  const to = new URL(answered.location ?? "", `http://${host}`);
  const redirected = await connection.send({
    method,
    path: `${to.pathname}${to.search}`,
    host: to.host,
    headers,
    signal,
  });
  if (redirected.statusCode === 200 || redirected.statusCode === 206) return redirected;
  throw await refusal(redirected, { at: "layer", url: to.href });
}

/** What a registry's refusal says: `{"errors":[{"code","message"}]}`, or nothing for a HEAD. */
export async function refusal(
  answer: IncomingMessage,
  where: { readonly at: "manifest" | "layer"; readonly url: string },
): Promise<PullError> {
  const status = answer.statusCode ?? 0;
  const text = (await smallBody(answer)).toString();
  const [, code = ""] = /"code"\s*:\s*"([^"]*)"/.exec(text) ?? [];
  return new PullError({ ...where, status, code, message: messageOf(text) });
}

function messageOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors: readonly { readonly message?: string }[] };
    return errors[0]?.message ?? "";
  } catch {
    return text.trim();
  }
}

function discard(answer: IncomingMessage): void {
  answer.resume();
}
