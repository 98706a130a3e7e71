import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { ApiRequest, ApiResponse } from "../ecr-api/call-api.ts";
import type { EcrRegistry } from "../open-registry.ts";
import { ask, type HttpAnswer, type HttpQuestion } from "./http-client.ts";
import { type BuiltManifest, sha256 } from "./image-builder.ts";
import { ADMIN } from "./registry-server.ts";

/** An answer of the API as a test looks into it. */
export type Json = { readonly [member: string]: Json | undefined };
export type ApiAnswer = { readonly status: number; readonly body: Json };

/** What a client of one registry does: as one principal, in one Region. */
export type RegistryClient = {
  api(operation: string, input?: object): Promise<ApiAnswer>;
  /** The value of the Authorization header, from GetAuthorizationToken. */
  login(): Promise<string>;
  /** A request under `/v2/`, with a token of its own unless `headers` has another. */
  v2(question: HttpQuestion): Promise<HttpAnswer>;
  /** POST and PUT of one blob; the PUT's answer. */
  pushBlob(repository: string, bytes: Uint8Array): Promise<HttpAnswer>;
  /** Its blobs, then the manifest under a tag, or under its digest; the last answer. */
  push(repository: string, image: BuiltManifest, tag?: string): Promise<HttpAnswer>;
};

/** A server of this process, or of another one: see `remoteServer`. */
export type Served = { readonly url: string; readonly registry: Pick<EcrRegistry, "callApi"> };

/** A server that is reached by its port alone. */
export function remoteServer(url: string): Served {
  async function callApi({ operation, body, caller, region }: ApiRequest): Promise<ApiResponse> {
    const credential = `${caller.account}/20261121/${region}/ecr/aws4_request`;
    const headers = {
      "X-Amz-Target": `AmazonEC2ContainerRegistry_V20150921.${operation}`,
      Authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
    };
    const { status, text } = await ask(url, { method: "POST", path: "/", headers, body });
    return { status, headers: {}, body: text };
  }
  return { url, registry: { callApi } };
}

export function clientOf(
  server: Served,
  { caller = ADMIN, region = "us-east-1" }: { caller?: Caller; region?: string } = {},
): RegistryClient {
  let token: Promise<string> | undefined;
  async function api(operation: string, input: object = {}): Promise<ApiAnswer> {
    const body = Buffer.from(JSON.stringify(input));
    const answer = await server.registry.callApi({ operation, body, caller, region });
    return { status: answer.status, body: JSON.parse(answer.body) };
  }
  async function login(): Promise<string> {
    const { body } = await api("GetAuthorizationToken");
    return `Basic ${body["authorizationData"]?.[0]?.["authorizationToken"]}`;
  }
  async function v2(question: HttpQuestion): Promise<HttpAnswer> {
    token ??= login();
    return ask(server.url, { ...question, headers: { Authorization: await token, ...question.headers } });
  }
  async function pushBlob(repository: string, bytes: Uint8Array): Promise<HttpAnswer> {
    const started = await v2({ method: "POST", path: `/v2/${repository}/blobs/uploads/` });
    if (started.status !== 202) return started;
    return v2({ method: "PUT", path: `${started.headers.location}?digest=${sha256(bytes)}`, body: bytes });
  }
  async function push(repository: string, image: BuiltManifest, tag?: string): Promise<HttpAnswer> {
    for (const blob of image.blobs) {
      const answer = await pushBlob(repository, blob);
      if (answer.status !== 201) return answer;
    }
    const path = `/v2/${repository}/manifests/${tag ?? image.digest}`;
    return v2({ method: "PUT", path, body: image.bytes, headers: { "Content-Type": image.mediaType } });
  }
  return { api, login, v2, pushBlob, push };
}
