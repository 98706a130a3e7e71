import { AwsClient } from "aws4fetch";
import type { Blob, DemoImage } from "./image.ts";

/** Whose registry, and with which access key. */
export type DemoRegistry = {
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

/** A client of one registry, over HTTP alone: signed API calls, and OCI Distribution with a token from them. */
export type EcrClient = {
  /** One JSON API call; throws unless the answer is a success or one of `unless`. */
  call(operation: string, input: object, unless?: string): Promise<unknown>;
  /** Pushes an image, children first, under a tag. */
  push(repository: string, tag: string, image: DemoImage): Promise<void>;
};

/** Gets an authorization token and is ready to push. */
export async function connect(url: string, registry: DemoRegistry): Promise<EcrClient> {
  const { accessKeyId, secretAccessKey, region } = registry;
  const aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: "ecr", retries: 0 });

  async function call(operation: string, input: object, unless = ""): Promise<unknown> {
    const answer = await aws.fetch(`${url}/`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AmazonEC2ContainerRegistry_V20150921.${operation}`,
      },
      body: JSON.stringify(input),
    });
    const text = await answer.text();
    if (!answer.ok && !(unless !== "" && text.includes(unless)))
      throw new Error(`ecr:${operation} failed: ${text}`);
    return JSON.parse(text);
  }

  const token = tokenOf(await call("GetAuthorizationToken", {}));
  return { call, push: (repository, tag, image) => push({ url, token, repository }, image, tag) };
}

function tokenOf(answer: unknown): string {
  const { authorizationData } = answer as { authorizationData: readonly { authorizationToken: string }[] };
  return authorizationData[0]?.authorizationToken ?? "";
}

type Target = { readonly url: string; readonly token: string; readonly repository: string };

async function push(target: Target, image: DemoImage, reference: string): Promise<void> {
  for (const child of image.children) await push(target, child, child.manifest.digest);
  for (const blob of image.blobs) await pushBlob(target, blob);
  const { mediaType, bytes } = image.manifest;
  await request(target, "PUT", `/v2/${target.repository}/manifests/${reference}`, { mediaType, bytes });
}

/** OCI Distribution: POST a session, PUT the bytes to where it says. */
async function pushBlob(target: Target, { digest, bytes }: Blob): Promise<void> {
  const session = await request(target, "POST", `/v2/${target.repository}/blobs/uploads/`);
  const location = new URL(session.headers.get("location") ?? "", target.url);
  location.searchParams.set("digest", digest);
  const path = `${location.pathname}${location.search}`;
  await request(target, "PUT", path, { mediaType: "application/octet-stream", bytes });
}

async function request(
  { url, token }: Target,
  method: string,
  path: string,
  content?: { readonly mediaType: string; readonly bytes: Uint8Array },
): Promise<Response> {
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Basic ${token}`, ...(content && { "content-type": content.mediaType }) },
    ...(content && { body: Buffer.from(content.bytes) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} failed with ${answer.status}: ${text}`);
  return answer;
}
