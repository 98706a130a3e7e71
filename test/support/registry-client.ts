import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";

export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

export type Registry = { readonly account: string; readonly region: string };
export type PushedManifest = { readonly digest: string; readonly size: number; readonly mediaType: string };

const KEYS: Readonly<Record<string, string>> = { "111122223333": "test", "444455556666": "test2" };

/** The administrator's keys of an account of the embedded cloud. */
export function credentialsOf(account: string): { accessKeyId: string; secretAccessKey: string } {
  const key = KEYS[account];
  if (key === undefined) throw new Error(`no test keys for account ${account}`);
  return { accessKeyId: key, secretAccessKey: key };
}

export function ecrClient(url: string, registry: Registry): ECRClient {
  return new ECRClient({
    endpoint: url,
    region: registry.region,
    credentials: credentialsOf(registry.account),
  });
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** What follows `Basic ` in a client's Authorization header: `AWS:<password>`, encoded. */
export async function registryToken(url: string, registry: Registry): Promise<string> {
  const ecr = ecrClient(url, registry);
  try {
    const answer = await ecr.send(new GetAuthorizationTokenCommand({}));
    return answer.authorizationData?.[0]?.authorizationToken ?? "";
  } finally {
    ecr.destroy();
  }
}

/** Pushes over HTTP like any OCI client: a token from GetAuthorizationToken, uploads, then manifests. */
export class RegistryClient {
  readonly registry: Registry;
  readonly #url: string;
  readonly #authorization: string;

  private constructor(url: string, registry: Registry, token: string) {
    this.#url = url;
    this.registry = registry;
    this.#authorization = `Basic ${token}`;
  }

  static async login(url: string, registry: Registry): Promise<RegistryClient> {
    return new RegistryClient(url, registry, await registryToken(url, registry));
  }

  async request(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: NonNullable<RequestInit["body"]> } = {},
  ): Promise<Response> {
    return fetch(new URL(path, this.#url), {
      method,
      headers: { authorization: this.#authorization, ...init.headers },
      redirect: "manual",
      // fetch streams only half duplex, and wants to be told.
      ...(init.body === undefined ? {} : { body: init.body, duplex: "half" }),
    });
  }

  async pushBlob(repository: string, bytes: Uint8Array): Promise<string> {
    const digest = sha256(bytes);
    const started = await this.#expect(202, this.request("POST", `/v2/${repository}/blobs/uploads/`));
    const location = new URL(started.headers.get("location") ?? "", this.#url);
    location.searchParams.set("digest", digest);
    await this.#expect(
      201,
      this.request("PUT", location.href, {
        headers: { "content-type": "application/octet-stream" },
        body: Buffer.from(bytes),
      }),
    );
    return digest;
  }

  async pushManifest(
    repository: string,
    reference: string | undefined,
    manifest: object,
  ): Promise<PushedManifest> {
    const body = JSON.stringify(manifest);
    const digest = sha256(body);
    const mediaType = (manifest as { mediaType: string }).mediaType;
    await this.#expect(
      201,
      this.request("PUT", `/v2/${repository}/manifests/${reference ?? digest}`, {
        headers: { "content-type": mediaType },
        body,
      }),
    );
    return { digest, size: Buffer.byteLength(body), mediaType };
  }

  /** A one-layer image whose bytes follow from `seed`: the same seed is the same digest. */
  async pushImage(repository: string, tag: string | undefined, seed: string): Promise<PushedManifest> {
    const layer = gzipSync(Buffer.from(`layer of ${seed}\n`.repeat(20)), { level: 6 });
    const config = Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: [] },
        seed,
      }),
    );
    const layerDigest = await this.pushBlob(repository, layer);
    const configDigest = await this.pushBlob(repository, config);
    return this.pushManifest(repository, tag, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: {
        mediaType: "application/vnd.oci.image.config.v1+json",
        digest: configDigest,
        size: config.length,
      },
      layers: [
        { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layerDigest, size: layer.length },
      ],
    });
  }

  async pushIndex(
    repository: string,
    tag: string | undefined,
    children: readonly PushedManifest[],
  ): Promise<PushedManifest> {
    const platforms = ["amd64", "arm64", "arm", "s390x"];
    return this.pushManifest(repository, tag, {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: children.map((child, index) => ({
        ...child,
        platform: { os: "linux", architecture: platforms[index % platforms.length] },
      })),
    });
  }

  async #expect(status: number, pending: Promise<Response>): Promise<Response> {
    const response = await pending;
    if (response.status !== status)
      throw new Error(`expected ${status}, got ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
    return response;
  }
}
