import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsError } from "../http/aws-service.ts";
import { createIdentity, type Identity } from "../identity/identity.ts";
import { verifySignature, type WireRequest } from "../identity/verify-signature.ts";

/** Where the callers' clock and the cloud's stand. */
export const wall = new Date("2026-03-01T12:00:00Z");
export const cloud = new Date("2026-06-01T12:00:00Z");

export function anIdentity(): Identity {
  return createIdentity({ now: () => cloud, wallClock: () => wall });
}

export type Draft = {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
export type Signing = {
  readonly service?: string;
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly date?: Date;
  readonly presign?: { expiresIn: number };
};

/** Signs as the AWS SDK does and turns the result into what a server receives. */
export async function signed(draft: Draft, signing: Signing = {}): Promise<WireRequest> {
  const { service = "ecr", credentials = { accessKeyId: "test", secretAccessKey: "test" } } = signing;
  const s3 = service === "s3";
  const signer = new SignatureV4({
    service,
    region: "us-east-1",
    credentials,
    sha256: Sha256,
    uriEscapePath: !s3,
    applyChecksum: s3,
  });
  const { method = "POST", path = "/", query = {}, body = "" } = draft;
  const headers = { host: "127.0.0.1:4510", ...draft.headers };
  const request = {
    method,
    path,
    query: { ...query },
    headers,
    body,
    protocol: "http:",
    hostname: "127.0.0.1",
  };
  const signingDate = signing.date ?? wall;
  const result = signing.presign
    ? await signer.presign(request, { signingDate, ...signing.presign })
    : await signer.sign(request, { signingDate });
  const pairs = Object.entries(result.query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return {
    method,
    path: result.path,
    query: pairs.join("&"),
    headers: Object.fromEntries(
      Object.entries(result.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: Buffer.from(body),
  };
}

/** How it is refused; an accepted request is an error. */
export function refusal(identity: Identity, request: WireRequest): AwsError {
  try {
    verifySignature(identity, request);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error("The request was accepted");
}
