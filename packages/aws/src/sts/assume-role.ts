import * as z from "@tallyman/domain/zod";
import { AwsClient } from "aws4fetch";

/** Which STS to ask, and as whom. `endpoint`: another place than AWS (`AWS_ENDPOINT_URL`). */
export type StsLocation = {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  }>;
};

export type RoleRequest = {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string;
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

const TIMEOUT_MS = 5_000;

const Credentials = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiration: z.coerce.date(),
});

/**
 * AssumeRole in the Region's own STS, over signed fetch: it is the one call that would need the SDK's query protocol, its
 * XML reader and another client (31 KB in each function). 429 and 5xx are retried, three times in all.
 */
export async function assumeRole(sts: StsLocation, request: RoleRequest): Promise<RoleCredentials> {
  const response = await post(sts, request);
  const text = await response.text();
  if (!response.ok) {
    throw new RoleNotAssumedError(
      request.roleArn,
      `${response.status} ${elementText(text, "Code") ?? "no code"}`,
    );
  }
  const parsed = Credentials.safeParse({
    accessKeyId: elementText(text, "AccessKeyId"),
    secretAccessKey: elementText(text, "SecretAccessKey"),
    sessionToken: elementText(text, "SessionToken"),
    expiration: elementText(text, "Expiration"),
  });
  if (parsed.success) return parsed.data;
  throw new RoleNotAssumedError(request.roleArn, "the answer has no credentials", { cause: parsed.error });
}

async function post(sts: StsLocation, { roleArn, sessionName, externalId }: RoleRequest): Promise<Response> {
  const { accessKeyId, secretAccessKey, sessionToken } = await sts.credentials();
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: "sts",
    region: sts.region,
    retries: 2,
  });
  const body = new URLSearchParams({
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ExternalId: externalId,
  });
  try {
    return await client.fetch(sts.endpoint ?? `https://sts.${sts.region}.amazonaws.com/`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: body.toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new RoleNotAssumedError(roleArn, "STS did not answer", { cause });
  }
}

/** The text of the first element of this name. None of those that are read holds a character that XML would escape. */
function elementText(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]+)</${element}>`).exec(xml)?.[1];
}
