import type { Registry } from "@tallyman/domain/registry/registry";
import { AwsV4Signer } from "aws4fetch";
import type { SessionCredentials } from "../../../identity/sessions.ts";
import { PullError } from "./pull-error.ts";
import { type RegistryConnection, registryHost, smallBody } from "./registry-connection.ts";

/** The `Authorization` header for `/v2`, from GetAuthorizationToken in the image's Region, as the agent gets it. */
export async function registryToken(
  connection: RegistryConnection,
  at: Registry,
  {
    credentials,
    now,
    signal,
  }: { readonly credentials: SessionCredentials; readonly now: Date; readonly signal: AbortSignal },
): Promise<string> {
  const body = JSON.stringify({ registryIds: [at.account] });
  const host = registryHost(at);
  const signer = new AwsV4Signer({
    method: "POST",
    url: `http://${host}/`,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    },
    body,
    ...{ service: "ecr", region: at.region, datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, "") },
    ...{ accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
    sessionToken: credentials.sessionToken,
  });
  const { headers } = await signer.sign();
  const answer = await connection.send({
    method: "POST",
    path: "/",
    host,
    headers: Object.fromEntries(headers),
    body,
    signal,
  });
  const text = (await smallBody(answer)).toString();
  if (answer.statusCode !== 200) throw refused(answer.statusCode ?? 0, text);
  const { authorizationData } = JSON.parse(text) as {
    readonly authorizationData: readonly { readonly authorizationToken: string }[];
  };
  return `Basic ${authorizationData[0]?.authorizationToken}`;
}

function refused(status: number, text: string): PullError {
  const { __type = "InternalFailure", message = text } = jsonOf(text);
  return new PullError({ at: "token", status, code: __type, message });
}

function jsonOf(text: string): { readonly __type?: string; readonly message?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
