import { randomBytes } from "node:crypto";
import { anImage, OCI_INDEX, OCI_MANIFEST, sha256 } from "@tallyman/registry/testing/image-builder";
import { clientOf, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, NAME, NOWHERE } from "../support/oci.ts";

/** OCI Distribution Specification 1.1, "Push": each title says what the specification asks for. */
const UPLOADS = `/v2/${NAME}/blobs/uploads/`;
let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
  for (const repositoryName of [NAME, "source"]) await client.api("CreateRepository", { repositoryName });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function begin(): Promise<string> {
  const { status, headers } = await client.v2({ method: "POST", path: UPLOADS });
  expect(status).toBe(202);
  return String(headers.location);
}

function patch(path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  return client.v2({ method: "PATCH", path, body, headers });
}

async function pulls(bytes: Uint8Array): Promise<boolean> {
  const answer = await client.v2({ method: "GET", path: `/v2/${NAME}/blobs/${sha256(bytes)}` });
  return answer.status === 200 && answer.body.equals(bytes);
}

describe("pushing a blob monolithically", () => {
  test("POST then PUT: 202 with a Location, 201 with the blob's", async () => {
    const bytes = randomBytes(1000);
    const path = `${await begin()}?digest=${sha256(bytes)}`;
    const headers = { "Content-Type": "application/octet-stream" };
    const put = await client.v2({ method: "PUT", path, body: bytes, headers });
    expect([put.status, put.headers.location]).toEqual([201, `/v2/${NAME}/blobs/${sha256(bytes)}`]);
    expect(await pulls(bytes)).toBe(true);
  });

  test("one POST with the digest: 201 with the blob's Location", async () => {
    const bytes = randomBytes(1000);
    const put = await client.v2({ method: "POST", path: `${UPLOADS}?digest=${sha256(bytes)}`, body: bytes });
    expect([put.status, put.headers.location]).toEqual([201, `/v2/${NAME}/blobs/${sha256(bytes)}`]);
    expect(await pulls(bytes)).toBe(true);
  });

  test("bytes of another digest are refused: 400 DIGEST_INVALID, and are not there", async () => {
    const bytes = randomBytes(10);
    const put = await client.v2({ method: "PUT", path: `${await begin()}?digest=${NOWHERE}`, body: bytes });
    expect([put.status, codeOf(put)]).toEqual([400, "DIGEST_INVALID"]);
    expect(await pulls(bytes)).toBe(false);
  });
});

describe("pushing a blob in chunks", () => {
  test("each PATCH is 202 with the Range so far and where to go on", async () => {
    const bytes = randomBytes(3000);
    let location = await begin();
    for (const [start, end] of [
      [0, 999],
      [1000, 1999],
    ] as const) {
      const chunk = bytes.subarray(start, end + 1);
      const answer = await patch(location, chunk, { "Content-Range": `${start}-${end}` });
      expect([answer.status, answer.headers.range]).toEqual([202, `0-${end}`]);
      location = String(answer.headers.location);
    }
    const status = await client.v2({ method: "GET", path: location });
    expect([status.status, status.headers.range]).toEqual([204, "0-1999"]);
    const last = { body: bytes.subarray(2000), headers: { "Content-Range": "2000-2999" } };
    const put = await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}`, ...last });
    expect(put.status).toBe(201);
    expect(await pulls(bytes)).toBe(true);
  });

  test("a stream of unknown length, without Content-Range, is taken as it comes", async () => {
    const bytes = randomBytes(100_000);
    const location = await begin();
    const answer = await patch(location, bytes, { "Transfer-Encoding": "chunked" });
    expect([answer.status, answer.headers.range]).toEqual([202, "0-99999"]);
    await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}` });
    expect(await pulls(bytes)).toBe(true);
  });

  test.each([
    ["after a gap", "1001-1999"],
    ["again", "0-998"],
    ["overlapping", "999-1997"],
  ])("a chunk %s is 416 with the Range so far, and the upload goes on", async (_, range) => {
    const bytes = randomBytes(1999);
    const location = await begin();
    await patch(location, bytes.subarray(0, 1000));
    const answer = await patch(location, bytes.subarray(1000), { "Content-Range": range });
    expect([answer.status, codeOf(answer)]).toEqual([416, "BLOB_UPLOAD_INVALID"]);
    expect(answer.headers).toMatchObject({ range: "0-999", location });
    const right = await patch(location, bytes.subarray(1000), { "Content-Range": "1000-1998" });
    expect(right.status).toBe(202);
    await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}` });
    expect(await pulls(bytes)).toBe(true);
  });

  test("the closing PUT's chunk is held to its Content-Range too", async () => {
    const bytes = randomBytes(20);
    const location = await begin();
    await patch(location, bytes.subarray(0, 10));
    const path = `${location}?digest=${sha256(bytes)}`;
    const wrong = { "Content-Range": "11-20" };
    const put = await client.v2({ method: "PUT", path, body: bytes.subarray(10), headers: wrong });
    expect(put.status).toBe(416);
    expect((await client.v2({ method: "PUT", path, body: bytes.subarray(10) })).status).toBe(201);
  });

  test.each(["", "abc", "5", "5-", "-5", "9-0", "0-9-19", "items 0-9/20"])(
    "Content-Range %j is none: 400, and nothing of the chunk stays",
    async (range) => {
      const location = await begin();
      const answer = await patch(location, randomBytes(10), { "Content-Range": range });
      expect(answer.status).toBe(400);
      expect((await client.v2({ method: "GET", path: location })).headers.range).toBe("0-0");
      await client.v2({ method: "DELETE", path: location });
    },
  );

  test.each([
    ["Content-Length", {}],
    ["stream", { "Transfer-Encoding": "chunked" }],
  ])(
    "a Content-Range of another length than its %s is 400, and nothing of the chunk stays",
    async (_, more) => {
      for (const range of ["10-14", "10-39"]) {
        const bytes = randomBytes(30);
        const location = await begin();
        await patch(location, bytes.subarray(0, 10));
        const answer = await patch(location, bytes.subarray(10), { "Content-Range": range, ...more });
        expect([answer.status, codeOf(answer)]).toEqual([400, "SIZE_INVALID"]);
        expect((await client.v2({ method: "GET", path: location })).headers.range).toBe("0-9");
        await patch(location, bytes.subarray(10));
        await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}` });
        expect(await pulls(bytes)).toBe(true);
      }
    },
  );

  test("an upload that is cancelled is over: 204, then 404", async () => {
    const location = await begin();
    expect((await client.v2({ method: "DELETE", path: location })).status).toBe(204);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const late = await client.v2({ method, path: location });
      expect([late.status, codeOf(late)]).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    }
  });
});

describe("mounting a blob from another repository", () => {
  const setting = (value: string) => client.api("PutAccountSetting", { name: "BLOB_MOUNTING", value });
  const mount = (digest: string, from?: string) => {
    const source = from === undefined ? "" : `&from=${from}`;
    return client.v2({ method: "POST", path: `${UPLOADS}?mount=${digest}${source}` });
  };
  const layer = randomBytes(500);
  beforeAll(async () => {
    await client.push("source", anImage([layer]), "1.0");
    await setting("ENABLED");
  });

  test("is 201 with the blob's Location, and the blob pulls without an upload", async () => {
    const answer = await mount(sha256(layer), "source");
    expect([answer.status, answer.headers.location]).toEqual([201, `/v2/${NAME}/blobs/${sha256(layer)}`]);
    expect(await pulls(layer)).toBe(true);
  });

  test("falls back to an upload: 202 with its Location", async () => {
    const alone = randomBytes(10);
    await client.pushBlob("source", alone);
    const fallbacks = [
      await mount(NOWHERE, "source"),
      await mount(sha256(layer)),
      await mount(sha256(layer), "no/such"),
      await mount(sha256(layer), "Not%20A%20Name"),
      await mount(sha256(alone), "source"), // ECR mounts what an image has.
    ];
    for (const { status, headers } of fallbacks) {
      expect([status, headers.location]).toEqual([202, expect.stringContaining(UPLOADS)]);
      expect((await client.v2({ method: "DELETE", path: String(headers.location) })).status).toBe(204);
    }
  });

  test("is off until the account's BLOB_MOUNTING is on", async () => {
    await setting("DISABLED");
    expect((await mount(sha256(layer), "source")).status).toBe(202);
    await setting("ENABLED");
    expect((await mount(sha256(layer), "source")).status).toBe(201);
  });

  test.each(["cache", "cache/"])(
    "is not for repositories of a pull-through cache with the prefix %s",
    async (prefix) => {
      const rule = { ecrRepositoryPrefix: prefix, upstreamRegistryUrl: "public.ecr.aws" };
      await client.api("CreateRepository", { repositoryName: "cache/app" });
      const into = () => {
        const path = `/v2/cache/app/blobs/uploads/?mount=${sha256(layer)}&from=source`;
        return client.v2({ method: "POST", path });
      };
      expect((await client.api("CreatePullThroughCacheRule", rule)).status).toBe(200);
      expect((await into()).status).toBe(202);
      await client.api("DeletePullThroughCacheRule", { ecrRepositoryPrefix: "cache" });
      expect((await into()).status).toBe(201);
    },
  );

  test("does not mount between repositories that are encrypted otherwise", async () => {
    const encryptionConfiguration = { encryptionType: "KMS" };
    await client.api("CreateRepository", { repositoryName: "secret", encryptionConfiguration });
    const path = `/v2/secret/blobs/uploads/?mount=${sha256(layer)}&from=source`;
    expect((await client.v2({ method: "POST", path })).status).toBe(202);
  });

  test("does not cross the borders of a registry", async () => {
    const abroad = clientOf(server, { region: "us-west-2" });
    await abroad.api("CreateRepository", { repositoryName: NAME });
    await abroad.api("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" });
    const path = `${UPLOADS}?mount=${sha256(layer)}&from=source`;
    expect((await abroad.v2({ method: "POST", path })).status).toBe(202);
  });

  test("needs GetDownloadUrlForLayer on the source, and says nothing of it to who has not", async () => {
    const careful = await startRegistryServer({
      authorize: ({ action, resource }) =>
        action === "ecr:GetDownloadUrlForLayer" && resource.endsWith("/source")
          ? { allowed: false, explicitDeny: true, message: "no" }
          : { allowed: true },
    });
    const other = clientOf(careful);
    for (const repositoryName of [NAME, "source"]) await other.api("CreateRepository", { repositoryName });
    await other.api("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" });
    await other.push("source", anImage([layer]), "1.0");
    const path = `${UPLOADS}?mount=${sha256(layer)}&from=source`;
    expect((await other.v2({ method: "POST", path })).status).toBe(202);
    await careful.close();
  });
});

describe("pushing manifests", () => {
  const image = anImage(["pushed"]);
  beforeAll(async () => {
    for (const blob of image.blobs) await client.pushBlob(NAME, blob);
  });

  test.each(["1.0", image.digest])(
    "PUT under %s is 201 with the Location and digest of what was stored",
    async (ref) => {
      const path = `/v2/${NAME}/manifests/${ref}`;
      const put = await client.v2({
        method: "PUT",
        path,
        body: image.bytes,
        headers: { "Content-Type": OCI_MANIFEST },
      });
      expect(put.status).toBe(201);
      expect(put.headers["docker-content-digest"]).toBe(image.digest);
      const got = await client.v2({ method: "GET", path: String(put.headers.location) });
      expect(got.body.equals(image.bytes)).toBe(true);
    },
  );

  test("under a digest that is not its own it is refused", async () => {
    const path = `/v2/${NAME}/manifests/${NOWHERE}`;
    const headers = { "Content-Type": OCI_MANIFEST };
    const put = await client.v2({ method: "PUT", path, body: image.bytes, headers });
    expect([put.status, codeOf(put)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("beyond the limit it is 413", async () => {
    const headers = { "Content-Type": OCI_MANIFEST };
    const body = Buffer.alloc(4_194_305, " ");
    const put = await client.v2({ method: "PUT", path: `/v2/${NAME}/manifests/large`, body, headers });
    expect([put.status, codeOf(put)]).toEqual([413, "SIZE_INVALID"]);
  });

  test("with a subject, which need not be there, it is announced by OCI-Subject", async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: NOWHERE, size: 10 };
    const put = await client.push(NAME, anImage(["referrer"], { subject }));
    expect([put.status, put.headers["oci-subject"]]).toEqual([201, NOWHERE]);
    const empty = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], subject };
    const index = Buffer.from(JSON.stringify(empty));
    const path = `/v2/${NAME}/manifests/${sha256(index)}`;
    const headers = { "Content-Type": OCI_INDEX };
    const indexed = await client.v2({ method: "PUT", path, body: index, headers });
    expect([indexed.status, indexed.headers["oci-subject"]]).toEqual([201, NOWHERE]);
  });
});
