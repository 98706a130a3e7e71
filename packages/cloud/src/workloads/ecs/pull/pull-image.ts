import { createHash } from "node:crypto";
import type { ImageUri } from "@tallyman/domain/registry/image-uri";
import type { SessionCredentials } from "../../../identity/sessions.ts";
import { forPlatform, MANIFEST_TYPES, type Manifest, readManifest } from "./manifest.ts";
import { type Pull, pullBlob, refusal, type SharedDownloads } from "./pull-blob.ts";
import { PullError } from "./pull-error.ts";
import { connectRegistry, type RegistryConnection, registryHost, smallBody } from "./registry-connection.ts";
import { registryToken } from "./registry-token.ts";

export type PullRequest = {
  readonly uri: ImageUri;
  readonly credentials: SessionCredentials;
  /** `linux/amd64` */
  readonly platform: string;
  readonly checksLayers: boolean;
  readonly signal: AbortSignal;
};

/** `digest`: of what was asked for; `platformDigest`: of the image that was taken from an index, otherwise the same. */
export type Pulled = { readonly digest: string; readonly platformDigest: string };

export type Puller = {
  /**
   * Pulls an image as a container runtime does, over this cloud's own port: token, manifest, the manifest of the platform,
   * config and layers. Every digest is checked; nothing is kept.
   *
   * @throws PullError; whatever the signal aborts with
   */
  pull(request: PullRequest): Promise<Pulled>;
  /** The digest behind a tag, by a HEAD: no pull. */
  resolve(request: PullRequest): Promise<string>;
  close(): void;
};

export function createPuller(options: { readonly endpoint: () => string; readonly now: () => Date }): Puller {
  const connection = connectRegistry(options.endpoint);
  const shared: SharedDownloads = new Map();
  const begin = (request: PullRequest) => login(connection, request, options.now());
  return {
    pull: (request) => asFailure(request, () => pullWhole(begin(request), shared, request)),
    resolve: (request) =>
      asFailure(request, async () => {
        if (request.uri.digest !== undefined) return request.uri.digest;
        return headManifest(await begin(request), referenceOf(request.uri));
      }),
    close: () => connection.close(),
  };
}

async function pullWhole(
  beginning: Promise<Pull>,
  shared: SharedDownloads,
  { uri, platform }: PullRequest,
): Promise<Pulled> {
  const pull = await beginning;
  const { digest, manifest } = await fetchManifest(pull, referenceOf(uri));
  const platformDigest =
    manifest.kind === "index" ? forPlatform(manifest.manifests, platform).digest : digest;
  const image = manifest.kind === "index" ? (await fetchManifest(pull, platformDigest)).manifest : manifest;
  if (image.kind === "index") throw new PullError({ at: "platform", platform });
  for (const blob of image.blobs) await pullBlob(pull, shared, blob);
  return { digest, platformDigest };
}

/** A connection that breaks is a pull that fails, unless it was given up. */
async function asFailure<T>({ signal }: PullRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const broken = error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code));
    if (!broken || signal.aborted) throw error;
    throw new PullError({ at: "content", message: error.message });
  }
}

async function login(connection: RegistryConnection, request: PullRequest, now: Date): Promise<Pull> {
  const { uri, credentials, signal, checksLayers } = request;
  const token = await registryToken(connection, uri.registry, { credentials, now, signal });
  return { connection, uri, token, checksLayers, signal };
}

/** The digest decides where both are named. */
function referenceOf({ tag = "", digest }: ImageUri): string {
  return digest ?? tag;
}

async function fetchManifest(
  pull: Pull,
  reference: string,
): Promise<{ readonly digest: string; readonly manifest: Manifest }> {
  const bytes = await smallBody(await askManifest(pull, "GET", reference));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (reference.startsWith("sha256:") && reference !== digest)
    throw new PullError({
      at: "content",
      message: `unexpected manifest digest ${digest}, expected ${reference}`,
    });
  return { digest, manifest: readManifest(bytes) };
}

async function headManifest(pull: Pull, reference: string): Promise<string> {
  const answer = await askManifest(pull, "HEAD", reference);
  answer.resume();
  const digest = answer.headers["docker-content-digest"];
  if (typeof digest === "string") return digest;
  return (await fetchManifest(pull, reference)).digest;
}

async function askManifest(
  { connection, uri, token, signal }: Pull,
  method: "GET" | "HEAD",
  reference: string,
) {
  const host = registryHost(uri.registry);
  const path = `/v2/${uri.repository}/manifests/${reference}`;
  const headers = { authorization: token, accept: MANIFEST_TYPES };
  const answer = await connection.send({ method, path, host, headers, signal });
  if (answer.statusCode === 200) return answer;
  throw await refusal(answer, { at: "manifest", url: `https://${host}${path}` });
}
