import { randomBytes } from "node:crypto";
import { anImage, sha256 } from "@tallyman/registry/testing/image-builder";
import { clientOf, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, NAME, NOWHERE } from "../support/oci.ts";

/** OCI Distribution Specification 1.1, "Pull": each title says what the specification asks for. */
const layer = randomBytes(5000);
const image = anImage([layer]);
const blob = `/v2/${NAME}/blobs/${sha256(layer)}`;
let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName: NAME });
  await client.push(NAME, image, "1.0");
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

describe("determining support", () => {
  test("GET /v2/ is 200 with credentials, and 401 with a challenge without", async () => {
    const answer = await client.v2({ method: "GET", path: "/v2/" });
    expect(answer.status).toBe(200);
    expect(answer.headers["docker-distribution-api-version"]).toBe("registry/2.0");
    const anonymous = await fetch(`${server.url}/v2/`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("www-authenticate")).toMatch(
      /^Basic realm=".+",service="ecr.amazonaws.com"$/,
    );
    expect(await anonymous.text()).toBe("Not Authorized\n");
  });
});

describe("pulling manifests", () => {
  test.each(["1.0", image.digest])(
    "GET by %s is 200 with the very bytes, their type and their digest",
    async (ref) => {
      const answer = await client.v2({ method: "GET", path: `/v2/${NAME}/manifests/${ref}` });
      expect(answer.status).toBe(200);
      expect(answer.body.equals(image.bytes)).toBe(true);
      expect(answer.headers).toMatchObject({
        "content-type": image.mediaType,
        "docker-content-digest": image.digest,
        "content-length": String(image.bytes.byteLength),
      });
    },
  );

  test.each(["1.0", image.digest])("HEAD by %s is 200 with the same headers and no body", async (ref) => {
    const answer = await client.v2({ method: "HEAD", path: `/v2/${NAME}/manifests/${ref}` });
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect(answer.headers).toMatchObject({
      "content-type": image.mediaType,
      "docker-content-digest": image.digest,
      "content-length": String(image.bytes.byteLength),
    });
  });

  test.each(["2.0", NOWHERE])("GET and HEAD of %s, which is not there, are 404", async (ref) => {
    const path = `/v2/${NAME}/manifests/${ref}`;
    const answer = await client.v2({ method: "GET", path });
    expect([answer.status, codeOf(answer)]).toEqual([404, "MANIFEST_UNKNOWN"]);
    expect((await client.v2({ method: "HEAD", path })).status).toBe(404);
  });

  test("a repository that is not there is 404 NAME_UNKNOWN", async () => {
    const answer = await client.v2({ method: "GET", path: "/v2/no/such/manifests/1.0" });
    expect([answer.status, codeOf(answer)]).toEqual([404, "NAME_UNKNOWN"]);
  });

  test.each([`${"a".repeat(129)}`, ".dot", "-dash", "pl+us"])("%s is no tag: 400", async (ref) => {
    const path = `/v2/${NAME}/manifests/${encodeURIComponent(ref)}`;
    expect((await client.v2({ method: "HEAD", path })).status).toBe(400);
  });
});

describe("pulling blobs", () => {
  test("GET is 200 with the bytes, HEAD with their length", async () => {
    const got = await client.v2({ method: "GET", path: blob });
    expect(got.status).toBe(200);
    expect(got.body.equals(layer)).toBe(true);
    expect(got.headers["docker-content-digest"]).toBe(sha256(layer));
    const head = await client.v2({ method: "HEAD", path: blob });
    expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", "5000"]);
  });

  test("GET and HEAD of what is not there are 404", async () => {
    const path = `/v2/${NAME}/blobs/${NOWHERE}`;
    const answer = await client.v2({ method: "GET", path });
    expect([answer.status, codeOf(answer)]).toEqual([404, "BLOB_UNKNOWN"]);
    expect((await client.v2({ method: "HEAD", path })).status).toBe(404);
  });

  test.each([
    ["bytes=0-0", 0, 0],
    ["bytes=0-4999", 0, 4999],
    ["bytes=100-199", 100, 199],
    ["bytes=4999-", 4999, 4999],
    ["bytes=4000-9999999", 4000, 4999],
    ["bytes=-1", 4999, 4999],
    ["bytes=-9999999", 0, 4999],
  ])("Range %s is 206 with bytes %i to %i", async (range, start, end) => {
    const answer = await client.v2({ method: "GET", path: blob, headers: { Range: range } });
    expect([answer.status, answer.headers["content-range"]]).toEqual([206, `bytes ${start}-${end}/5000`]);
    expect(answer.body.equals(layer.subarray(start, end + 1))).toBe(true);
    expect(answer.headers["content-length"]).toBe(String(end - start + 1));
  });

  test.each(["bytes=5000-", "bytes=9999999999999999999-", "bytes=-0", "bytes=2-1"])(
    "Range %s cannot be had: 416 with the size",
    async (range) => {
      const answer = await client.v2({ method: "GET", path: blob, headers: { Range: range } });
      expect([answer.status, answer.headers["content-range"]]).toEqual([416, "bytes */5000"]);
    },
  );

  test.each(["lines=0-1", "bytes=", "bytes=a-b", "bytes=0-1,3-4"])(
    "Range %s is none that is understood: 200 with everything",
    async (range) => {
      const answer = await client.v2({ method: "GET", path: blob, headers: { Range: range } });
      expect([answer.status, answer.body.byteLength]).toEqual([200, 5000]);
    },
  );

  test("If-Range holds a range to the very blob", async () => {
    const get = (condition: string) =>
      client.v2({ method: "GET", path: blob, headers: { Range: "bytes=0-9", "If-Range": condition } });
    expect((await get(`"${sha256(layer)}"`)).status).toBe(206);
    expect((await get(`"${NOWHERE}"`)).status).toBe(200);
    expect((await get("Sat, 21 Nov 2026 10:00:00 GMT")).status).toBe(200);
  });
});
