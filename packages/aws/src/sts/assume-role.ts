import * as z from "@tallyman/domain/zod";
import { type SignedAnswer, type SigningCredentials, signedHttp } from "../signed-http.ts";

/** Which STS to ask, and as whom. `endpoint`: another place than AWS (`AWS_ENDPOINT_URL`). */
export type StsLocation = {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: () => Promise<SigningCredentials>;
};

export type RoleRequest = {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string;
  /** JSON: the most that the session may do. */
  readonly sessionPolicy?: string;
};

export type RoleCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

/** STS refused, or gave no usable answer: the role's account cannot be asked anything now. */
export class RoleNotAssumedError extends Error {
  readonly code = "ROLE_NOT_ASSUMED";

  constructor(roleArn: string, problem: string, options?: ErrorOptions) {
    super(`${roleArn} was not assumed: ${problem}; is the member stack deployed in that account?`, options);
    this.name = "RoleNotAssumedError";
  }
}

const Credentials = z.lazy(() => {
  const text = z.string();
  return z.object({
    accessKeyId: text,
    secretAccessKey: text,
    sessionToken: text,
    expiration: z.coerce.date(),
  });
});

/**
 * AssumeRole in the Region's own STS: it is the one call that would need the SDK's query protocol, its XML reader and
 * another client (31 KB in each function).
 */
export async function assumeRole(sts: StsLocation, request: RoleRequest): Promise<RoleCredentials> {
  const { status, bytes } = await post(sts, request);
  const text = new TextDecoder().decode(bytes);
  if (status !== 200)
    throw new RoleNotAssumedError(request.roleArn, `${status} ${elementText(text, "Code") ?? "no code"}`);
  const parsed = Credentials.safeParse({
    accessKeyId: elementText(text, "AccessKeyId"),
    secretAccessKey: elementText(text, "SecretAccessKey"),
    sessionToken: elementText(text, "SessionToken"),
    expiration: elementText(text, "Expiration"),
  });
  if (parsed.success) return parsed.data;
  throw new RoleNotAssumedError(request.roleArn, "the answer has no credentials", { cause: parsed.error });
}

async function post(
  sts: StsLocation,
  { roleArn, sessionName, externalId, sessionPolicy }: RoleRequest,
): Promise<SignedAnswer> {
  const { region, endpoint, credentials } = sts;
  const body = new URLSearchParams({
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ExternalId: externalId,
    ...(sessionPolicy !== undefined && { Policy: sessionPolicy }),
  });
  try {
    return await signedHttp({ service: "sts", region, credentials })({
      method: "POST",
      url: endpoint ?? `https://sts.${region}.amazonaws.com/`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: body.toString(),
    });
  } catch (cause) {
    throw new RoleNotAssumedError(roleArn, "STS did not answer", { cause });
  }
}

/** The text of the first element of this name. None of those that are read holds a character that XML would escape. */
function elementText(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]+)</${element}>`).exec(xml)?.[1];
}
