import { AwsError } from "../http/aws-service.ts";

/** What can be wrong with a signature. */
export type AuthProblem =
  | "missing"
  | "incomplete"
  | "mismatch"
  | "unknownKey"
  | "badToken"
  | "expiredToken"
  | "skewed";

type Wording = readonly [code: string, status: number, message?: string];

const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const invalidToken = "The security token included in the request is invalid.";
const expired = "The security token included in the request is expired";

const json: Readonly<Record<AuthProblem, Wording>> = {
  missing: ["MissingAuthenticationTokenException", 403, "Missing Authentication Token"],
  incomplete: ["IncompleteSignatureException", 403],
  mismatch: ["InvalidSignatureException", 403, mismatch],
  unknownKey: ["UnrecognizedClientException", 403, invalidToken],
  badToken: ["UnrecognizedClientException", 403, invalidToken],
  expiredToken: ["ExpiredTokenException", 403, expired],
  skewed: ["InvalidSignatureException", 403],
};

const query: Readonly<Record<AuthProblem, Wording>> = {
  missing: ["MissingAuthenticationToken", 403, "Request is missing Authentication Token"],
  incomplete: ["IncompleteSignature", 400],
  mismatch: ["SignatureDoesNotMatch", 403, mismatch],
  unknownKey: ["InvalidClientTokenId", 403, invalidToken],
  badToken: ["InvalidClientTokenId", 403, invalidToken],
  expiredToken: ["ExpiredToken", 403, expired],
  skewed: ["SignatureDoesNotMatch", 403],
};

const s3: Readonly<Record<AuthProblem, Wording>> = {
  missing: ["AccessDenied", 403, "Access Denied"],
  incomplete: ["AuthorizationHeaderMalformed", 400],
  mismatch: ["SignatureDoesNotMatch", 403, mismatch],
  unknownKey: [
    "InvalidAccessKeyId",
    403,
    "The AWS Access Key Id you provided does not exist in our records.",
  ],
  badToken: ["InvalidToken", 400, "The provided token is malformed or otherwise invalid."],
  expiredToken: ["ExpiredToken", 400, "The provided token has expired."],
  skewed: ["RequestTimeTooSkewed", 403],
};

// The services of AWS JSON that answer 400 to every client error.
const always400 = new Set(["dynamodb", "events", "ssm", "logs"]);

/** The error in the words of the service that was called; `detail` replaces the message where AWS's says what was wrong. */
export function authError(service: string, problem: AuthProblem, detail?: string): AwsError {
  const table = service === "sts" || service === "iam" ? query : service === "s3" ? s3 : json;
  const [code, status, message = mismatch] = table[problem];
  return new AwsError(code, detail ?? message, always400.has(service) ? 400 : status);
}
