import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { AwsError } from "../http/aws-service.ts";
import { authError } from "./auth-errors.ts";
import { canonicalRequest } from "./canonical-request.ts";
import type { Identity } from "./identity.ts";
import type { SigningClock } from "./sessions.ts";
import { algorithm, readClaim, type SignatureClaim, type WireRequest } from "./signed-request.ts";
import { signingKey } from "./signing-key.ts";
import { checkTime } from "./signing-time.ts";

export type { WireRequest } from "./signed-request.ts";

export type VerifiedRequest = {
  readonly caller: Caller;
  /** The caller's account: the one that is asked, unless the request names another. */
  readonly account: string;
  /** From the credential scope. */
  readonly region: string;
  /** Signing name, from the credential scope: `ecr`, `sqs`, `execute-api`, ... */
  readonly service: string;
  readonly accessKeyId: string;
  /** The clock that the caller signs with; the answer's `Date` header follows it. */
  readonly clock: SigningClock;
};

type Credentials = {
  readonly caller: Caller;
  readonly secretAccessKey: string;
  readonly clock: SigningClock;
  readonly expiration?: Date;
};

/**
 * Checks an AWS Signature Version 4, in the Authorization header or in a presigned query
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 *
 * @throws AwsError in the words of the service that the credential scope names
 */
export function verifySignature(identity: Identity, request: WireRequest): VerifiedRequest {
  const claim = readClaim(request);
  const credentials = findCredentials(identity, claim);
  const now = credentials.clock === "cloud" ? identity.now() : identity.wallClock();
  checkTime(claim, now);
  checkSignedHeaders(request, claim);
  const canonical = canonicalRequest(request, claim, payloadHash(request, claim));
  if (canonical === undefined || !isSignatureOf(canonical, claim, credentials.secretAccessKey))
    throw authError(claim.service, "mismatch");
  if (credentials.expiration && identity.now() >= credentials.expiration)
    throw authError(claim.service, "expiredToken");
  const { caller, clock } = credentials;
  const { region, service, accessKeyId } = claim;
  return { caller, account: caller.account, region, service, accessKeyId, clock };
}

function findCredentials(identity: Identity, claim: SignatureClaim): Credentials {
  const { accessKeyId, sessionToken, service } = claim;
  if (sessionToken !== undefined) {
    const session = identity.sessions.find(accessKeyId, sessionToken);
    if (!session) throw authError(service, "badToken");
    return session;
  }
  const key = identity.findAccessKey(accessKeyId);
  if (!key) throw authError(service, "unknownKey");
  const { account, arn } = key.user;
  return { caller: { account, arn }, secretAccessKey: key.secretAccessKey, clock: "wall" };
}

/** `host` and every `x-amz-*` header that the request carries must be signed: an unsigned one could be anybody's. */
function checkSignedHeaders({ headers }: WireRequest, { signedHeaders, service }: SignatureClaim): void {
  if (!signedHeaders.includes("host")) {
    const detail = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    throw authError(service, service === "s3" ? "incomplete" : "mismatch", detail);
  }
  const amazon = Object.keys(headers).filter((name) => name.startsWith("x-amz-"));
  const unsigned = amazon.filter((name) => headers[name] !== undefined && !signedHeaders.includes(name));
  const absent = signedHeaders.filter((name) => headers[name] === undefined);
  if (unsigned.length > 0 || absent.length > 0) {
    const found = [
      ...unsigned.map((name) => `${name} is not signed`),
      ...absent.map((name) => `${name} is missing`),
    ];
    throw authError(service, "mismatch", `The signed headers do not fit the request: ${found.join(", ")}.`);
  }
}

const unsigned = "UNSIGNED-PAYLOAD";
const unsignedPayloads = [unsigned, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"];

/** Only S3 lets a caller leave the body unsigned; everywhere else the hash is that of the body received. */
function payloadHash({ headers, query, body }: WireRequest, { service, presigned }: SignatureClaim): string {
  const actual = createHash("sha256").update(body).digest("hex");
  if (service !== "s3") return actual;
  const parameters = new URLSearchParams(query);
  const name = parameters.keys().find((key) => key.toLowerCase() === "x-amz-content-sha256");
  const inQuery = (name === undefined ? undefined : parameters.get(name)) ?? unsigned;
  const declared = headers["x-amz-content-sha256"] ?? (presigned ? inQuery : undefined);
  if (declared === undefined)
    throw new AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  if (declared.startsWith("STREAMING-AWS4-"))
    throw new AwsError("NotImplemented", `${declared} is not implemented: send the body in one piece`, 501);
  if (!unsignedPayloads.includes(declared) && declared !== actual) {
    const detail = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new AwsError("XAmzContentSHA256Mismatch", detail);
  }
  return declared;
}

function isSignatureOf(canonical: string, claim: SignatureClaim, secretAccessKey: string): boolean {
  const { date, region, service, timestamp } = claim;
  const scope = [date, region, service, "aws4_request"];
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = [algorithm, timestamp, scope.join("/"), hash].join("\n");
  const expected = createHmac("sha256", signingKey(secretAccessKey, scope)).update(text).digest("hex");
  const given = Buffer.from(claim.signature);
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
}
