import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../testing/http-client.ts";
import {
  anImage,
  anIndex,
  aSchema2Image,
  type BuiltManifest,
  descriptor,
  OCI_INDEX,
  OCI_MANIFEST,
  sha256,
} from "../testing/image-builder.ts";
import { clientOf, type Json, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

// Requests of somebody who may do everything: what is well-formed is done, everything else refused, and nothing breaks.

const SEED = 20_261_123;
const RUNS = process.env["SOAK"] === undefined ? 800 : 20_000;
/** Milliseconds; whatever takes longer hangs. */
const LONGEST = 10_000;

const red = anImage(["red"]);
const green = anImage(["green"]);
const index = anIndex([red, green]);
const note = anImage(["note"], { subject: descriptor(red.mediaType, red.bytes) });
const old = aSchema2Image();
const MANIFESTS = [red, green, index, note, old];
const NAMES = ["fuzz/one", "fuzz/two"];
/** Each kind of manifest alone, and several at once: images are made into others for those who take no other. */
const ACCEPTED = [
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  `${OCI_MANIFEST};q=0.5, application/vnd.docker.distribution.manifest.v1+json`,
  OCI_INDEX,
];

let server: RegistryServer;
let client: RegistryClient;
let authorization: string;
/** Locations of uploads, the latest last. */
const uploads: string[] = [];

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
  authorization = await client.login();
  for (const repositoryName of NAMES) {
    await client.api("CreateRepository", { repositoryName });
    for (const image of MANIFESTS) await client.push(repositoryName, image, "latest");
  }
  await client.api("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" });
});
afterAll(() => server.close());

const digest = fc.constantFrom(
  ...MANIFESTS.flatMap((image) => [image.digest, ...image.blobs.map((blob) => sha256(blob))]),
  `sha256:${"0".repeat(64)}`,
);
const hostile = fc.oneof(
  fc.constantFrom(
    "",
    ".",
    "..",
    "%2e%2e%2f",
    "%00",
    "%zz",
    "%0a",
    "a+b",
    "sha256:",
    "SHA256:00",
    "sha512:00",
    "%c3%28",
  ),
  fc.string({ maxLength: 30 }).map(encodeURIComponent),
  fc.constant("a".repeat(300)),
);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.constant("fuzz/none") },
  { weight: 1, arbitrary: hostile },
);
const reference = fc.oneof(digest, fc.constantFrom("latest", "v1", "v2"), hostile);
const path = fc.oneof(
  fc.tuple(name, reference).map(([repository, of]) => `/v2/${repository}/manifests/${of}`),
  fc.tuple(name, fc.oneof(digest, hostile)).map(([repository, of]) => `/v2/${repository}/blobs/${of}`),
  name.map((repository) => `/v2/${repository}/blobs/uploads/`),
  fc.nat({ max: 3 }).map((back) => `upload ${back}`),
  fc.tuple(name, hostile).map(([repository, id]) => `/v2/${repository}/blobs/uploads/${id}`),
  name.map((repository) => `/v2/${repository}/tags/list`),
  fc.tuple(name, fc.oneof(digest, hostile)).map(([repository, of]) => `/v2/${repository}/referrers/${of}`),
  fc.constantFrom("/v2/", "/v2/_catalog"),
  fc.array(hostile, { maxLength: 4 }).map((words) => `/v2/${words.join("/")}`),
);
const query = fc
  .dictionary(
    fc.constantFrom("digest", "mount", "from", "n", "last", "artifactType"),
    fc.oneof(digest, fc.constantFrom("0", "1", "1000", "1001", "-1", "1e3", ...NAMES), hostile),
    { maxKeys: 3 },
  )
  .map(
    (pairs) =>
      `?${Object.entries(pairs)
        .map(([key, value]) => `${key}=${value}`)
        .join("&")}`,
  );
const body = fc.oneof(
  fc.constantFrom(...MANIFESTS.flatMap(({ bytes, blobs }) => [bytes, bytes, ...blobs])),
  fc
    .tuple(fc.constantFrom(...MANIFESTS), fc.nat(), fc.jsonValue())
    .map(([image, at, value]) => spoilt(image, at, value)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom("", "{}", "[]", "null", '"', "[".repeat(20_000), '{"a":'.repeat(20_000))
    .map((text) => Buffer.from(text)),
);
const TOO_LARGE = Buffer.alloc(4 * 1024 * 1024 + 1, " ");
const header = fc.oneof(
  fc.tuple(
    fc.constant("content-type"),
    fc.oneof(
      fc.constantFrom(red.mediaType, red.mediaType, OCI_INDEX, `${OCI_INDEX};a=b`, "", "a/b"),
      printable(),
    ),
  ),
  fc.tuple(
    fc.constant("content-range"),
    fc.oneof(
      fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 400 })).map(([first, last]) => `${first}-${last}`),
      fc.constantFrom("0-", "-0", "bytes 0-2/3", "0-999999999999999999999", "5-2", "a-b", "0-2, 3-4"),
    ),
  ),
  fc.tuple(
    fc.constant("range"),
    fc.constantFrom(
      "bytes=0-",
      "bytes=-0",
      "bytes=-1",
      "bytes=2-1",
      "bytes=0-0,1-1",
      "bytes=99999999999999999999-",
      "x=1",
    ),
  ),
  fc.tuple(fc.constant("accept"), fc.constantFrom(...ACCEPTED)),
  fc.tuple(fc.constantFrom("accept", "if-range", "if-none-match", "host", "user-agent"), printable()),
);
const method = fc.constantFrom(
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PUT",
  "PATCH",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
);
type Request = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
};
const headers = fc.array(header, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs));
const anything = fc.record({
  method,
  path,
  query,
  headers,
  body: fc.option(body, { nil: undefined }),
});
const image = fc.constantFrom(...MANIFESTS);
const blob = fc.constantFrom(...MANIFESTS.flatMap(({ blobs }) => blobs));
const known = fc.constantFrom(...NAMES);
/** What clients do, with a header or two that they do not send. */
const usual: fc.Arbitrary<Request> = fc
  .tuple(
    fc.oneof(
      fc
        .tuple(known, image, fc.constantFrom("latest", "v1", undefined), fc.nat({ max: 20 }))
        .map(([repository, built, tag, size]) => ({
          method: "PUT",
          path: `/v2/${repository}/manifests/${tag ?? built.digest}`,
          body: size === 0 ? TOO_LARGE : built.bytes,
        })),
      fc.tuple(known, blob).map(([repository, bytes]) => ({
        method: "POST",
        path: `/v2/${repository}/blobs/uploads/`,
        query: `?digest=${sha256(bytes)}`,
        body: bytes,
      })),
      known.map((repository) => ({ method: "POST", path: `/v2/${repository}/blobs/uploads/` })),
      blob.map((bytes) => ({ method: "PATCH", path: "upload 0", body: bytes })),
      blob.map((bytes) => ({ method: "PUT", path: "upload 0", query: `?digest=${sha256(bytes)}` })),
      fc
        .tuple(known, digest)
        .map(([repository, of]) => ({ method: "GET", path: `/v2/${repository}/blobs/${of}` })),
      fc
        .tuple(known, fc.constantFrom("latest", "v1"))
        .map(([repository, tag]) => ({ method: "GET", path: `/v2/${repository}/manifests/${tag}` })),
    ),
    headers,
  )
  .map(([asked, given]) => ({ query: "", body: undefined, ...asked, headers: given }));
const request: fc.Arbitrary<Request> = fc.oneof(anything, usual);

function printable(): fc.Arbitrary<string> {
  return fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, ""));
}

/** The manifest with any JSON value in place of one of its own. */
function spoilt({ bytes }: BuiltManifest, at: number, value: unknown): Buffer {
  const text = bytes.toString();
  const values = [...text.matchAll(/(?<=[:[,]\s*)("[^"]*"|\d+|\{\}|\[\])/g)];
  const chosen = values[at % values.length];
  if (chosen === undefined) throw new Error("A manifest without values");
  return Buffer.from(
    `${text.slice(0, chosen.index)}${JSON.stringify(value)}${text.slice(chosen.index + chosen[0].length)}`,
  );
}

async function send(it: Request) {
  const [, back] = /^upload (\d)$/.exec(it.path) ?? [];
  const target = back === undefined ? it.path : (uploads.at(-1 - Number(back)) ?? "/v2/");
  const question = { method: it.method, path: target + it.query, ...(it.body && { body: it.body }) };
  const answer = ask(server.url, {
    ...question,
    headers: { authorization, ...it.headers },
  });
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer after ${LONGEST} ms`)), LONGEST).unref();
  });
  return Promise.race([answer, late]);
}

test("whatever is asked of /v2, and allowed, is done or refused, and never is an internal error or no answer", {
  timeout: 120_000,
}, async () => {
  const statuses = new Map<number, number>();
  let made = 0;
  await fc.assert(
    fc.asyncProperty(request, async (it) => {
      const { status, headers } = await send(it);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 202 && headers.location?.includes("/uploads/")) uploads.push(headers.location);
      if (/distribution\.manifest\.v1\+/.test(headers["content-type"] ?? "")) made += 1;
      expect(status).toBeLessThan(500);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(server.errors).toEqual([]);
  // It would prove little if nothing got through to where bytes are written, or everything did.
  const seen = [...statuses.keys()];
  expect(seen).toEqual(expect.arrayContaining([200, 201, 202, 204, 206, 400, 404, 405, 413, 416]));
  expect(made).toBeGreaterThan(0);
  for (const repositoryName of NAMES) await everythingIsWhole(repositoryName);
});

/** Each image that is told of can be pulled, and its bytes have the digest that they are found by. */
async function everythingIsWhole(repositoryName: string): Promise<void> {
  const { body: answer } = await client.api("DescribeImages", { repositoryName });
  const images = answer["imageDetails"] as unknown as readonly Json[];
  for (const image of images) {
    const path = `/v2/${repositoryName}/manifests/${image["imageDigest"]}`;
    const pulled = await client.v2({ method: "GET", path });
    expect(sha256(pulled.body)).toBe(image["imageDigest"]);
    const { config, layers = [] } = JSON.parse(pulled.text) as { config?: Json; layers?: readonly Json[] };
    for (const blob of config === undefined ? [] : [config, ...layers]) {
      const got = await client.v2({ method: "GET", path: `/v2/${repositoryName}/blobs/${blob["digest"]}` });
      expect(sha256(got.body)).toBe(blob["digest"]);
    }
  }
}
