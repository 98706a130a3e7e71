import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Embedded } from "./embedded.ts";
import type { RawAnswer } from "./raw-http.ts";
import { EAST } from "./registries.ts";
import { credentialsOf, type Registry } from "./registry-client.ts";
import { type Credentials, signedCall } from "./signed-call.ts";

const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

export function roleArn(name: string, { account }: Registry = EAST): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

/** A role of an account that may call the admin API, and a session of it: what a cluster's reporter has. */
export async function reporterRole(
  product: Embedded,
  RoleName: string,
  at: Registry = EAST,
): Promise<Credentials> {
  const config = { endpoint: product.url, region: at.region, credentials: credentialsOf(at.account) };
  const [iam, sts] = [new IAMClient(config), new STSClient(config)];
  const Principal = { AWS: `arn:aws:iam::${at.account}:root` };
  const AssumeRolePolicyDocument = policy({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = policy({ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "invoke", PolicyDocument }));
  const assume = { RoleArn: roleArn(RoleName, at), RoleSessionName: "reporter-1" };
  const { Credentials: session } = await sts.send(new AssumeRoleCommand(assume));
  iam.destroy();
  sts.destroy();
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = session ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** `PUT /api/v1/usage/{source}`; a body that is a string is sent as it is. */
export function putReport(
  product: Embedded,
  source: string,
  report: { readonly body: unknown; readonly credentials?: Credentials },
): Promise<RawAnswer> {
  const { body, credentials } = report;
  return signedCall(product.url, EAST, {
    ...{ service: "execute-api", method: "PUT", path: `/api/v1/usage/${source}` },
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(credentials && { credentials }),
  });
}
