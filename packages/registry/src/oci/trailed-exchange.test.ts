import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const image = anImage();
const bytes = Buffer.from("bytes");
const digest = sha256(bytes);
let server: RegistryServer;
let client: RegistryClient;
let refused: string | undefined;
let from: number;

beforeEach(async () => {
  refused = undefined;
  server = await startRegistryServer({
    hearsCalls: () => true,
    authorize: ({ action }) =>
      action === refused ? { allowed: false, explicitDeny: false, message: "no" } : { allowed: true },
  });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName: "team/app" });
  await client.push("team/app", image, "1");
  from = server.events.length;
});
afterEach(() => server.close());

/** The calls that were written down since the image was there. */
function calls() {
  const events = server.events
    .slice(from)
    .filter((event) => event.detailType === "AWS API Call via CloudTrail");
  return events.map(({ detail }) => detail);
}
const names = () => calls().map((detail) => detail["eventName"]);

describe("what a request under /v2 stands for, in CloudTrail", () => {
  test("a layer that comes as a whole is three calls", async () => {
    await client.v2({ method: "POST", path: `/v2/team/app/blobs/uploads/?digest=${digest}`, body: bytes });
    expect(names()).toEqual(["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"]);
    expect(calls()[2]?.["requestParameters"]).toEqual({
      repositoryName: "team/app",
      layerDigests: [digest],
      registryId: "111122223333",
    });
  });

  test("a layer that comes in parts is one for each, under the id of its upload", async () => {
    const { headers } = await client.v2({ method: "POST", path: "/v2/team/app/blobs/uploads/" });
    const path = String(headers.location);
    await client.v2({ method: "PATCH", path, body: bytes });
    await client.v2({ method: "PUT", path: `${path}?digest=${digest}` });
    expect(names()).toEqual(["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"]);
    const uploadId = path.split("/").at(-1);
    expect(calls()[0]?.["responseElements"]).toMatchObject({ uploadId });
    expect(calls()[1]?.["requestParameters"]).toMatchObject({ uploadId, partLastByte: bytes.length - 1 });
  });

  test("a layer that is mounted is MountLayer; one that cannot be, an upload", async () => {
    await client.api("CreateRepository", { repositoryName: "team/two" });
    const path = `/v2/team/two/blobs/uploads/?mount=${sha256(image.blobs[0] ?? bytes)}&from=team/app`;
    from = server.events.length;
    await client.v2({ method: "POST", path });
    await client.api("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" });
    await client.v2({ method: "POST", path });
    expect(names()).toEqual(["InitiateLayerUpload", "PutAccountSetting", "MountLayer"]);
  });

  test("a manifest is put with its bytes, and deleted", async () => {
    await client.push("team/app", image, "2");
    await client.v2({ method: "DELETE", path: "/v2/team/app/manifests/2" });
    const [put, gone] = calls().filter((detail) => /Image$/.test(String(detail["eventName"])));
    const imageManifest = image.bytes.toString();
    expect(put).toMatchObject({
      eventName: "PutImage",
      requestParameters: { repositoryName: "team/app", imageTag: "2", imageManifest },
      responseElements: { image: { imageManifest, imageId: { imageDigest: image.digest, imageTag: "2" } } },
    });
    expect(gone).toMatchObject({
      eventName: "BatchDeleteImage",
      requestParameters: { imageIds: [{ imageTag: "2" }] },
    });
  });

  test("what is refused is written down with its error, and nothing that would have come after it", async () => {
    refused = "ecr:InitiateLayerUpload";
    await client.v2({ method: "POST", path: `/v2/team/app/blobs/uploads/?digest=${digest}`, body: bytes });
    expect(calls()).toMatchObject([
      { eventName: "InitiateLayerUpload", errorCode: "AccessDeniedException", errorMessage: "no" },
    ]);
  });

  test("a check of the login, of an upload and its end are no calls of the API", async () => {
    const { headers } = await client.v2({ method: "POST", path: "/v2/team/app/blobs/uploads/" });
    from = server.events.length;
    await client.v2({ method: "GET", path: "/v2/" });
    await client.v2({ method: "GET", path: String(headers.location) });
    await client.v2({ method: "DELETE", path: String(headers.location) });
    expect(names()).toEqual([]);
  });
});

test("nobody listens, nothing is written down", async () => {
  const quiet = await startRegistryServer();
  const { push, api } = clientOf(quiet);
  await api("CreateRepository", { repositoryName: "team/app" });
  await push("team/app", image, "1");
  expect(quiet.events.map(({ detailType }) => detailType)).toEqual(["ECR Image Action"]);
  await quiet.close();
});
