import { readFile } from "node:fs/promises";
import { isLocal, send } from "./http.mts";
import { parseJson, textAt } from "./json.mts";
import type { Env } from "./settings.mts";

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/**
 * AWS credentials as a pod gets them, the first that is there: the environment, EKS Pod Identity
 * (AWS_CONTAINER_CREDENTIALS_FULL_URI), a role for the service account (IRSA: AWS_WEB_IDENTITY_TOKEN_FILE). Throws otherwise.
 */
export async function findCredentials(env: Env, region: string): Promise<Credentials> {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = env["AWS_SESSION_TOKEN"];
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  const from = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (from) return fromPodIdentity(new URL(from), env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]);
  const tokenFile = env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  const roleArn = env["AWS_ROLE_ARN"];
  if (tokenFile && roleArn) return fromWebIdentity({ tokenFile, roleArn, sts: stsUrl(env, region) });
  throw new Error(
    "there are no AWS credentials: annotate the service account with a role (IRSA), or associate one with it (EKS Pod Identity)",
  );
}

/** docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
async function fromPodIdentity(url: URL, tokenFile: string | undefined): Promise<Credentials> {
  if (url.protocol !== "https:" && !isLocal(url))
    throw new Error(`AWS_CONTAINER_CREDENTIALS_FULL_URI: ${url.host} is not of this node`);
  const authorization = tokenFile && (await readFile(tokenFile, "utf8")).trim();
  const answer = await send({ url, headers: { ...(authorization && { authorization }) } });
  if (answer.status !== 200) throw new Error(`EKS Pod Identity gave no credentials: ${answer.status}`);
  const given = parseJson(answer.text, "EKS Pod Identity");
  return whole("EKS Pod Identity", (name) => textAt(given, name), "Token");
}

type WebIdentity = { readonly tokenFile: string; readonly roleArn: string; readonly sts: URL };

/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the token is the proof, nothing is signed. */
async function fromWebIdentity({ tokenFile, roleArn, sts }: WebIdentity): Promise<Credentials> {
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: "tallyman-reporter",
    DurationSeconds: "900",
    WebIdentityToken: (await readFile(tokenFile, "utf8")).trim(),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status, text } = await send({ method: "POST", url: sts, headers, body: form.toString() });
  if (status !== 200)
    throw new Error(`STS does not give ${roleArn}: ${status} ${elementOf(text, "Message") ?? ""}`.trim());
  return whole("STS", (name) => elementOf(text, name), "SessionToken");
}

function stsUrl(env: Env, region: string): URL {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(env["AWS_ENDPOINT_URL_STS"] ?? `https://sts.${region}.${suffix}/`);
  if (url.protocol !== "https:" && !isLocal(url)) throw new Error("AWS_ENDPOINT_URL_STS is not https");
  return url;
}

/** The text of the first XML element of this name; STS's keys and tokens have no characters that XML escapes. */
function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
}

function whole(who: string, read: (name: string) => string | undefined, token: string): Credentials {
  const accessKeyId = read("AccessKeyId");
  const secretAccessKey = read("SecretAccessKey");
  const sessionToken = read(token);
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw new Error(`${who} answered without credentials`);
  return { accessKeyId, secretAccessKey, sessionToken };
}
