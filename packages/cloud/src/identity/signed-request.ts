import { authError } from "./auth-errors.ts";

/** A request as it came over the wire. */
export type WireRequest = {
  readonly method: string;
  /** Still percent-encoded, without the query: `/my%20bucket/key`. */
  readonly path: string;
  /** Still percent-encoded, without the `?`; empty if there is none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body as received; empty for a body that is streamed under `UNSIGNED-PAYLOAD`. */
  readonly body: Uint8Array;
  /** The service that the path or header points at, whose words are used if the request names none itself. */
  readonly service?: string;
};

/** What a signed request says about its signature, before anything is believed. */
export type SignatureClaim = {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  /** YYYYMMDD */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
  /** `20150830T123600Z` */
  readonly timestamp: string;
  /** Seconds that a presigned request is good for. */
  readonly expires: number | undefined;
};

export const algorithm = "AWS4-HMAC-SHA256";

/** @throws AwsError MissingAuthenticationToken or IncompleteSignature, in the service's words */
export function readClaim(request: WireRequest): SignatureClaim {
  const parameters = new URLSearchParams(request.query);
  const authorization = request.headers["authorization"];
  const hint = request.service ?? "";
  if (authorization !== undefined && parameters.has("X-Amz-Signature"))
    throw authError(hint, "incomplete", "Only one auth mechanism allowed");
  if (authorization !== undefined) return readHeader(request, authorization);
  if (parameters.has("X-Amz-Algorithm") || parameters.has("X-Amz-Signature"))
    return readQuery(parameters, hint);
  throw authError(hint, "missing");
}

function readHeader({ headers, service = "" }: WireRequest, authorization: string): SignatureClaim {
  if (!authorization.startsWith(`${algorithm} `)) throw authError(service, "missing");
  const fields = new Map(
    authorization
      .slice(algorithm.length + 1)
      .split(",")
      .map((field) => splitField(field.trim())),
  );
  const missing = ["Credential", "SignedHeaders", "Signature"].filter((name) => !fields.get(name));
  const timestamp = headers["x-amz-date"] ?? fromHttpDate(headers["date"]);
  const problems = [
    ...missing.map((name) => `Authorization header requires '${name}' parameter.`),
    ...(timestamp === ""
      ? ["Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."]
      : []),
  ];
  if (problems.length > 0) throw authError(service, "incomplete", problems.join(" "));
  return {
    presigned: false,
    ...readCredential(fields.get("Credential") ?? "", service),
    signedHeaders: (fields.get("SignedHeaders") ?? "").split(";"),
    signature: fields.get("Signature") ?? "",
    sessionToken: headers["x-amz-security-token"],
    timestamp,
    expires: undefined,
  };
}

const required = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];

function readQuery(parameters: URLSearchParams, service: string): SignatureClaim {
  const wrong = required.filter((name) => parameters.getAll(name).length !== 1);
  if (wrong.length > 0)
    throw authError(
      service,
      "incomplete",
      `AWS query-string parameters must include exactly one each of ${wrong.join(", ")}.`,
    );
  if (parameters.get("X-Amz-Algorithm") !== algorithm)
    throw authError(
      service,
      "incomplete",
      `Unsupported AWS 'algorithm': '${parameters.get("X-Amz-Algorithm")}'.`,
    );
  const expires = wholeNumber(parameters.get("X-Amz-Expires") ?? "");
  if (expires === undefined || expires < 1 || expires > 604_800)
    throw authError(service, "incomplete", "X-Amz-Expires must be between 1 and 604800 seconds");
  return {
    presigned: true,
    ...readCredential(parameters.get("X-Amz-Credential") ?? "", service),
    signedHeaders: (parameters.get("X-Amz-SignedHeaders") ?? "").split(";"),
    signature: parameters.get("X-Amz-Signature") ?? "",
    sessionToken: parameters.get("X-Amz-Security-Token") ?? undefined,
    timestamp: parameters.get("X-Amz-Date") ?? "",
    expires,
  };
}

/** `<access key>/<date>/<region>/<service>/aws4_request` */
function readCredential(credential: string, hint: string) {
  const [accessKeyId, date, region, service, end, ...rest] = credential.split("/");
  if (!accessKeyId || !date || !region || !service || end !== "aws4_request" || rest.length > 0) {
    const detail = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`;
    throw authError(hint, "incomplete", detail);
  }
  return { accessKeyId, date, region, service };
}

/** Digits alone: `Number` would also read ` 5`, `5e3` and `0x5`. */
function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function splitField(field: string): [name: string, value: string] {
  const at = field.indexOf("=");
  return at < 0 ? [field, ""] : [field.slice(0, at), field.slice(at + 1)];
}

function fromHttpDate(date: string | undefined): string {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? "" : toTimestamp(new Date(time));
}

/** `20150830T123600Z` */
export function toTimestamp(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}
