import type { AuthorizationRequest } from "@tallyman/domain/iam-policy/authorize";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const image = anImage(["layer"]);
const blob = sha256(image.blobs[1] ?? Buffer.alloc(0));
const another = anImage(["other"]);
const bytes = Buffer.from("bytes");

type Asks = readonly [
  method: string,
  path: string,
  status: number,
  actions: readonly string[],
  body?: Uint8Array,
];

/** Every way into a repository under `/v2`, how it is answered, and the IAM actions that it takes: all of them, no others. */
const ROUTES: readonly Asks[] = [
  ["GET", "manifests/1", 200, ["BatchGetImage"]],
  ["HEAD", "manifests/1", 200, ["BatchGetImage"]],
  ["GET", `manifests/${image.digest}`, 200, ["BatchGetImage"]],
  ["PUT", "manifests/2", 201, ["PutImage"], image.bytes],
  ["PUT", `manifests/${image.digest}`, 201, ["PutImage"], image.bytes],
  ["DELETE", `manifests/${image.digest}`, 202, ["BatchDeleteImage"]],
  ["DELETE", "manifests/1", 202, ["BatchDeleteImage"]],
  ["HEAD", `blobs/${blob}`, 200, ["BatchCheckLayerAvailability"]],
  ["GET", `blobs/${blob}`, 200, ["GetDownloadUrlForLayer"]],
  ["POST", "blobs/uploads/", 202, ["InitiateLayerUpload"]],
  [
    "POST",
    `blobs/uploads/?digest=${sha256(bytes)}`,
    201,
    ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"],
    bytes,
  ],
  ["PATCH", "blobs/uploads/{id}", 202, ["UploadLayerPart"], bytes],
  ["GET", "blobs/uploads/{id}", 204, ["UploadLayerPart"]],
  ["DELETE", "blobs/uploads/{id}", 204, ["UploadLayerPart"]],
  [
    "PUT",
    `blobs/uploads/{id}?digest=${sha256(bytes)}`,
    201,
    ["UploadLayerPart", "CompleteLayerUpload"],
    bytes,
  ],
  ["GET", "tags/list", 200, ["ListImages"]],
  ["GET", `referrers/${image.digest}`, 200, ["BatchGetImage"]],
];

const resource = "arn:aws:ecr:us-east-1:111122223333:repository/team/app";
let server: RegistryServer;
let client: RegistryClient;
let allowed: (request: AuthorizationRequest) => boolean;

beforeEach(async () => {
  allowed = () => true;
  server = await startRegistryServer({
    authorize: (request) =>
      allowed(request)
        ? { allowed: true }
        : {
            allowed: false,
            explicitDeny: false,
            message: `${request.action} on ${request.resource} is refused`,
          },
  });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName: "team/app" });
  await client.push("team/app", image, "1");
});
afterEach(() => server.close());

async function ask([method, path, , , body]: Asks) {
  const permit = allowed;
  allowed = () => true;
  const started = path.includes("{id}")
    ? await client.v2({ method: "POST", path: "/v2/team/app/blobs/uploads/" })
    : undefined;
  await client.v2({ method: "GET", path: "/v2/" });
  allowed = permit;
  const id = String(started?.headers.location).split("/").at(-1) ?? "";
  const headers = path.startsWith("manifests/") ? { "Content-Type": image.mediaType } : {};
  const question = { method, path: `/v2/team/app/${path.replace("{id}", id)}`, headers };
  return client.v2(body === undefined ? question : { ...question, body });
}

describe("who may ask what under /v2", () => {
  test.each(ROUTES.map((route) => [route[0], route[1], route] as const))(
    "%s %s takes no more than its actions",
    async (_method, _path, route) => {
      const [, , status, actions] = route;
      allowed = (request) =>
        request.resource === resource && actions.some((action) => request.action === `ecr:${action}`);
      expect((await ask(route)).status).toBe(status);
    },
  );

  test("the catalog takes DescribeRepositories on every repository", async () => {
    const path = "/v2/_catalog";
    await client.v2({ method: "GET", path: "/v2/" });
    allowed = ({ action, resource: asked }) =>
      action === "ecr:DescribeRepositories" && asked.endsWith(":repository/*");
    expect((await client.v2({ method: "GET", path })).status).toBe(200);
    allowed = ({ action }) => action !== "ecr:DescribeRepositories";
    expect((await client.v2({ method: "GET", path })).status).toBe(403);
  });

  test("a mount also takes GetDownloadUrlForLayer in the other repository, or is an upload", async () => {
    await client.api("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" });
    await client.api("CreateRepository", { repositoryName: "team/two" });
    const path = `/v2/team/two/blobs/uploads/?mount=${blob}&from=team/app`;
    const may: [string, string][] = [["ecr:InitiateLayerUpload", resource.replace("app", "two")]];
    allowed = ({ action, resource: asked }) => may.some(([one, on]) => one === action && on === asked);
    expect((await client.v2({ method: "POST", path })).status).toBe(202);
    may.push(["ecr:GetDownloadUrlForLayer", resource]);
    expect((await client.v2({ method: "POST", path })).status).toBe(201);
    may.shift();
    expect((await client.v2({ method: "POST", path })).status).toBe(403);
  });

  test.each(
    ROUTES.flatMap((route) => route[3].map((missing) => [route[0], route[1], missing, route] as const)),
  )("%s %s is refused without %s, and changes nothing", async (method, _path, missing, route) => {
    const before = await contents();
    allowed = ({ action }) => action !== `ecr:${missing}`;
    const answer = await ask(route);
    expect(answer.status).toBe(403);
    const error = { code: "DENIED", message: `ecr:${missing} on ${resource} is refused` };
    if (method !== "HEAD") expect(JSON.parse(answer.text)).toEqual({ errors: [error] });
    expect(await contents()).toEqual(before);
  });

  test("a repository that is not there is refused before it is missed", async () => {
    allowed = () => true;
    await client.v2({ method: "GET", path: "/v2/" });
    allowed = () => false;
    const { status } = await client.v2({ method: "GET", path: "/v2/team/other/manifests/1" });
    expect(status).toBe(403);
    allowed = () => true;
    expect((await client.v2({ method: "GET", path: "/v2/team/other/manifests/1" })).status).toBe(404);
  });

  test("permission is asked at every request: a token outlives what its principal may", async () => {
    const path = "/v2/team/app/manifests/1";
    expect((await client.v2({ method: "GET", path })).status).toBe(200);
    allowed = () => false;
    expect((await client.v2({ method: "GET", path })).status).toBe(403);
    expect((await client.v2({ method: "GET", path: "/v2/" })).status).toBe(200);
  });

  test("conditions see where a request comes from, and for which Region it is", async () => {
    const seen: AuthorizationRequest[] = [];
    allowed = (request) => seen.push(request) > 0;
    await client.v2({
      method: "GET",
      path: "/v2/team/app/tags/list",
      headers: { "User-Agent": "docker/28" },
    });
    expect(seen.at(-1)?.context).toMatchObject({
      "aws:sourceip": "127.0.0.1",
      "aws:useragent": "docker/28",
      "aws:requestedregion": "us-east-1",
    });
  });
});

/** Images and layers, as the API shows them. */
async function contents() {
  const permit = allowed;
  allowed = () => true;
  const images = await client.api("DescribeImages", { repositoryName: "team/app" });
  const layerDigests = [...another.blobs.map(sha256), sha256(bytes)];
  const layers = await client.api("BatchCheckLayerAvailability", {
    repositoryName: "team/app",
    layerDigests,
  });
  allowed = permit;
  return [withoutPulls(images.body["imageDetails"]), layers.body["layers"]];
}
function withoutPulls(details: unknown) {
  return (details as readonly Record<string, unknown>[]).map(({ lastRecordedPullTime: _, ...rest }) => rest);
}
