import { createHash, createHmac } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Checksum, SourceData } from "@smithy/types";

export type SigningCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

/** Which service, by its signing name, and as whom. */
export type Signing = {
  readonly service: "s3" | "sts" | "events" | "ec2";
  readonly region: string;
  readonly credentials: () => Promise<SigningCredentials>;
};

export type SignedRequest = {
  readonly method: "DELETE" | "GET" | "POST" | "PUT";
  readonly url: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
};

export type SignedAnswer = { readonly status: number; readonly bytes: Uint8Array };

/** Sends a request, signed for the moment; throws what kept it from being answered. */
export type SignedHttp = (request: SignedRequest) => Promise<SignedAnswer>;

const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;

/** Connections are kept, as by the SDK's clients: with its own handler, whose code is there already. */
const http = new NodeHttpHandler({ connectionTimeout: 1_000, requestTimeout: TIMEOUT_MS });

/**
 * The few calls for which a client of the SDK would cost more code than it saves. 429, 5xx and broken connections (one
 * that was kept may have been closed meanwhile) are tried again, three times in all and within five seconds: every
 * request that is sent this way may be repeated.
 */
export function signedHttp({ service, region, credentials }: Signing): SignedHttp {
  const signer = new SignatureV4({
    service,
    region,
    credentials: async () => withoutUndefined(await credentials()),
    sha256: Sha256,
    // S3 alone signs paths as they are sent, and wants to see the hash of the body.
    uriEscapePath: service !== "s3",
    applyChecksum: service === "s3",
  });

  async function send(request: SignedRequest, abortSignal: AbortSignal): Promise<SignedAnswer> {
    // The signer copies into the handler's own class, and does not say so in its type.
    const signed = (await signer.sign(httpRequest(request))) as Parameters<typeof http.handle>[0];
    const { response } = await http.handle(signed, { abortSignal });
    return { status: response.statusCode, bytes: await buffer(response.body) };
  }

  return async (request) => {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    for (let attempt = 1; ; attempt++) {
      const last = attempt === ATTEMPTS;
      const answer = await send(request, deadline).catch((error: unknown) => {
        if (last || deadline.aborted) throw error;
      });
      if (answer && (last || !mayBeRepeated(answer.status))) return answer;
      await pause(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    }
  };
}

function mayBeRepeated(status: number): boolean {
  return status === 429 || status >= 500;
}

function httpRequest({ method, url, headers, body }: SignedRequest) {
  const { protocol, hostname, port, pathname: path, host } = new URL(url);
  return {
    method,
    protocol,
    hostname,
    ...(port !== "" && { port: Number(port) }),
    path,
    query: {},
    headers: { ...headers, host },
    ...(body !== undefined && { body }),
  };
}

function withoutUndefined({ sessionToken, ...keys }: SigningCredentials) {
  return sessionToken === undefined ? keys : { ...keys, sessionToken };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What the signer asks for its hashes: an HMAC when there is a secret. */
class Sha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  #hash: { update(data: Uint8Array): unknown; digest(): Buffer };

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#hash = begin(secret);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = begin(this.#secret);
  }
}

function begin(secret: SourceData | undefined) {
  return secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
}

function bytesOf(data: SourceData): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data);
}
