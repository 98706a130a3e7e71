import { GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, refusal, SIBLING, standingProduct } from "../support/bad-input.ts";
import { type RawRequest, rawHttp, rawSocket } from "../support/raw-http.ts";
import { EAST, withEcr } from "../support/registries.ts";
import { OCI_MANIFEST, RegistryClient, sha256 } from "../support/registry-client.ts";

const standing = standingProduct();
const url = () => standing.product().url;
const NOT_ITS_OWN = `sha256:${"0".repeat(64)}`;
const base = `/v2/${REPOSITORY}`;
let authorization: string;

beforeAll(async () => {
  const answer = await withEcr(url(), EAST, (ecr) => ecr.send(new GetAuthorizationTokenCommand({})));
  authorization = `Basic ${answer.authorizationData?.[0]?.authorizationToken}`;
});

function ask(request: RawRequest) {
  return rawHttp(url(), { ...request, headers: { authorization, ...request.headers } });
}

function putManifest(body: string | Uint8Array, reference = "2.0.0", type = OCI_MANIFEST) {
  return ask({
    method: "PUT",
    path: `${base}/manifests/${reference}`,
    body,
    headers: { "content-type": type },
  });
}

async function startUpload(): Promise<string> {
  const { status, headers } = await ask({ method: "POST", path: `${base}/blobs/uploads/` });
  expect(status).toBe(202);
  return headers["location"] ?? "";
}

describe("an upload", () => {
  test("whose digest is not that of its bytes is refused, and its blob does not exist", async () => {
    const location = await startUpload();
    const answer = await ask({ method: "PUT", path: `${location}?digest=${NOT_ITS_OWN}`, body: "bytes" });
    expect(refusal(answer)).toEqual([400, "DIGEST_INVALID"]);
    expect((await ask({ method: "HEAD", path: `${base}/blobs/${NOT_ITS_OWN}` })).status).toBe(404);
    expect((await ask({ method: "HEAD", path: `${base}/blobs/${sha256("bytes")}` })).status).toBe(404);
  });

  test("in one piece whose digest is not that of its bytes is refused", async () => {
    const answer = await ask({
      method: "POST",
      path: `${base}/blobs/uploads/?digest=${NOT_ITS_OWN}`,
      body: "x",
    });
    expect(refusal(answer)).toEqual([400, "DIGEST_INVALID"]);
  });

  test.each([
    "",
    "?digest=",
    "?digest=sha256:short",
    "?digest=md5:d41d8cd98f00b204e9800998ecf8427e",
    "?digest=..%2F..",
  ])("that ends with the digest %j is refused", async (query) => {
    const answer = await ask({ method: "PUT", path: `${await startUpload()}${query}`, body: "x" });
    expect(refusal(answer)).toEqual([400, "DIGEST_INVALID"]);
  });

  test.each(["PUT", "PATCH"])(
    "whose %s is cut short leaves no blob, and can be gone on with",
    async (method) => {
      const whole = "the whole layer";
      const location = await startUpload();
      const path = method === "PUT" ? `${location}?digest=${sha256(whole)}` : location;
      const head = [`${method} ${path} HTTP/1.1`, "Host: localhost", `Authorization: ${authorization}`];
      const half = `${head.join("\r\n")}\r\nContent-Length: ${whole.length}\r\n\r\n${whole.slice(0, 5)}`;
      expect(await rawSocket(url(), half, "hang up")).toBe("");
      expect((await ask({ method: "HEAD", path: `${base}/blobs/${sha256(whole)}` })).status).toBe(404);

      const received = await standing.product().until("the five bytes", async () => {
        const { headers } = await ask({ path: location });
        return headers["range"] === "0-4" && headers;
      });
      expect(received["location"]).toBe(location);
      expect((await ask({ method: "DELETE", path: location })).status).toBe(204);
    },
  );

  test.each([
    ["that nobody started", "/blobs/uploads/00000000-0000-4000-8000-000000000000"],
    ["whose id climbs", "/blobs/uploads/..%2F..%2Fmetadata.db"],
    ["whose id climbs twice encoded", "/blobs/uploads/%252e%252e%252fmetadata.db"],
    ["whose id is a null byte", "/blobs/uploads/%00"],
  ])("%s is unknown", async (_, path) => {
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const answer = await ask({ method, path: `${base}${path}` });
      expect([answer.status, answer.headers["location"]]).toEqual([404, undefined]);
    }
    const ended = await ask({ method: "PUT", path: `${base}${path}?digest=${sha256("x")}`, body: "x" });
    expect(refusal(ended)[0]).toBe(404);
  });

  test("of another repository is unknown", async () => {
    const id = (await startUpload()).split("/").at(-1);
    const answer = await ask({ method: "PATCH", path: `/v2/${SIBLING}/blobs/uploads/${id}`, body: "x" });
    expect(refusal(answer)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
  });

  test("whose next bytes do not follow on the last is refused", async () => {
    const headers = { "content-range": "7-9" };
    const answer = await ask({ method: "PATCH", path: await startUpload(), headers, body: "abc" });
    expect(refusal(answer)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
  });
});

describe("a name", () => {
  test.each([
    "UPPER/case",
    "a",
    "-leading",
    "double//slash",
    "dot/./dot",
    "../../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e%252fetc",
    "..%5c..%5cwindows",
    "prod/web%00",
    "prod/web%0a",
    "%F0%9F%92%A9",
    "a".repeat(257),
  ])("%s is refused as ECR refuses an invalid parameter", async (name) => {
    for (const [method, rest] of [
      ["GET", "/tags/list"],
      ["PUT", "/manifests/1.0.0"],
      ["POST", "/blobs/uploads/"],
    ] as const) {
      const answer = await ask({ method, path: `/v2/${name}${rest}` });
      expect(refusal(answer)).toEqual([405, "UNSUPPORTED"]);
      expect(answer.text).toContain("'repositoryName'");
    }
  });

  test("that is no percent-encoding is refused", async () => {
    expect(refusal(await ask({ path: "/v2/%zz/tags/list" }))).toEqual([400, "NAME_INVALID"]);
  });

  test("of a repository that does not exist is unknown, to a push too", async () => {
    for (const request of [
      { method: "GET", path: "/v2/not/there/manifests/1.0.0" },
      { method: "PUT", path: "/v2/not/there/manifests/1.0.0", body: "{}" },
      { method: "POST", path: "/v2/not/there/blobs/uploads/" },
    ])
      expect(refusal(await ask(request))).toEqual([404, "NAME_UNKNOWN"]);
  });
});

describe("a digest or tag", () => {
  test.each([
    ["blobs/sha256:short", "DIGEST_INVALID"],
    ["blobs/%2e%2e", "DIGEST_INVALID"],
    ["blobs/sha256:%2e%2e%5cmetadata.db", "DIGEST_INVALID"],
    [`blobs/sha256:${"A".repeat(64)}`, "DIGEST_INVALID"],
    ["manifests/sha256:short", "DIGEST_INVALID"],
    ["manifests/-bad", "TAG_INVALID"],
    ["manifests/%2e%2e", "TAG_INVALID"],
    [`manifests/${"t".repeat(129)}`, "TAG_INVALID"],
    ["manifests/a%20b", "TAG_INVALID"],
  ])("%s is refused", async (path, code) => {
    expect(refusal(await ask({ path: `${base}/${path}` }))).toEqual([400, code]);
  });

  test.each(["..%2f..%2f..%2fmetadata.db", "sha256:..%2f..%2fmetadata.db", "../../../../metadata.db"])(
    "%s that climbs leads nowhere",
    async (path) => {
      for (const kind of ["blobs", "manifests", "referrers"])
        expect(refusal(await ask({ path: `${base}/${kind}/${path}` }))).toEqual([404, "UNSUPPORTED"]);
    },
  );
});

describe("a manifest", () => {
  test("of 10 MB is refused as too large", async () => {
    const answer = await putManifest(Buffer.alloc(10 * 1024 * 1024, " "));
    expect(refusal(answer)).toEqual([413, "SIZE_INVALID"]);
    expect(answer.text).toContain("Member must have length less than or equal to 4194304");
  });

  test.each([
    ["that is no JSON", "{oops"],
    ["that is empty", ""],
    ["that is a list", "[]"],
    ["that is null", "null"],
    ["that nests a hundred thousand deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["that nests within its annotations", deepManifest()],
    ["that is not UTF-8", Buffer.from([0xff, 0xfe, 0x7b, 0x7d])],
    ["whose layers are not there", manifestOf([{ digest: NOT_ITS_OWN, size: 1 }])],
  ])("%s is refused and no tag points to it", async (_, body) => {
    expect(refusal(await putManifest(body))).toEqual([405, "UNSUPPORTED"]);
    expect((await ask({ method: "HEAD", path: `${base}/manifests/2.0.0` })).status).toBe(404);
  });

  test.each(["text/html", "application/json", "application/vnd.oci.image.manifest.v1+json\u00e9"])(
    "of the media type %s is refused",
    async (type) => {
      expect((await putManifest("{}", "2.0.0", type)).status).toBeGreaterThanOrEqual(400);
    },
  );

  test("pushed under another digest than its own is refused", async () => {
    expect(refusal(await putManifest(manifestOf([]), NOT_ITS_OWN))).toEqual([400, "DIGEST_INVALID"]);
  });
});

describe("a request", () => {
  test("with headers of 60 KB is refused and its connection closed", async () => {
    const text = `GET /v2/ HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(60_000)}\r\n\r\n`;
    expect(await rawSocket(url(), text, "wait")).toMatch(/^HTTP\/1.1 431 /);
  });

  test.each([
    ["that is no HTTP", "hello there\r\n\r\n"],
    ["with a length that is no number", "PUT /v2/ HTTP/1.1\r\nHost: h\r\nContent-Length: many\r\n\r\n"],
    ["with two lengths", "PUT /v2/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    [
      "with a length and chunks",
      "PUT /v2/ HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["without a Host", "GET /v2/ HTTP/1.1\r\n\r\n"],
  ])("%s is refused", async (_, text) => {
    expect(await rawSocket(url(), text, "wait")).toMatch(/^HTTP\/1.1 400 /);
  });

  test.each([
    ["one header of 100 KB", `X-Long: ${"a".repeat(100_000)}\r\n`],
    ["5,000 headers", "X-Many: a\r\n".repeat(5000)],
  ])("with %s is refused before it is all read", async (_, headers) => {
    const head = `GET /v2/ HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\n${headers}\r\n`;
    expect(await rawSocket(url(), head, "wait")).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("that ends anywhere in the middle takes nobody with it", async () => {
    const head = `PUT ${base}/manifests/2.0.0 HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\n`;
    const texts = [
      "GET /v2/",
      head,
      `${head}Content-Length: 900\r\n\r\n{"schema`,
      `${head}Transfer-Encoding: chunked\r\n\r\nff\r\nabc`,
    ];
    for (const text of texts) await rawSocket(url(), text, "hang up");
    expect((await ask({ path: "/v2/" })).status).toBe(200);
    expect((await ask({ path: `${base}/manifests/2.0.0` })).status).toBe(404);
  });
});

test("a good push still works after all of it", async () => {
  const client = await RegistryClient.login(url(), EAST);
  const again = await client.pushImage(REPOSITORY, "1.0.0", "standing");
  expect(again.digest).toBe(standing.image().digest);
});

function manifestOf(layers: readonly { readonly digest: string; readonly size: number }[]): string {
  const mediaType = "application/vnd.oci.image.config.v1+json";
  const config = { mediaType, digest: NOT_ITS_OWN, size: 2 };
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
}

function deepManifest(): string {
  const depth = 100_000;
  return manifestOf([]).replace(/}$/, `,"annotations":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`);
}
