import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPuller, type Puller, type PullRequest } from "./pull-image.ts";

/** A registry that does as it is told, also what none should. */
let server: Server;
let puller: Puller;
let answers: Map<string, (req: IncomingMessage, res: ServerResponse) => void>;
let asked: string[];

beforeEach(async () => {
  answers = new Map();
  asked = [];
  server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url} ${req.headers.range ?? ""}`.trim());
    if (req.method === "POST") {
      res.end(JSON.stringify({ authorizationData: [{ authorizationToken: "dG9rZW4=" }] }));
      return;
    }
    const answer = answers.get(req.url ?? "");
    if (answer) answer(req, res);
    else res.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  puller = createPuller({ endpoint: () => `http://127.0.0.1:${port}`, now: () => new Date() });
});
afterEach(async () => {
  puller.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const sha = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const at = "/v2/team/web";

function serve(path: string, bytes: Uint8Array | string): void {
  answers.set(`${at}${path}`, (req, res) => {
    if (req.headers.range) res.writeHead(206, { "content-length": 1 }).end(Buffer.from(bytes).subarray(0, 1));
    else
      res
        .writeHead(200, { "content-length": Buffer.byteLength(bytes) })
        .end(req.method === "HEAD" ? "" : bytes);
  });
}

/** An image of one layer under the tag; answers with the digests. */
function image(layer: Uint8Array | string, more: object = {}) {
  const config = "{}";
  const body = JSON.stringify({
    config: { mediaType: "c", digest: sha(config), size: 2 },
    layers: [{ mediaType: "l", digest: sha(layer), size: Buffer.byteLength(layer), ...more }],
  });
  serve(`/blobs/${sha(config)}`, config);
  serve(`/blobs/${sha(layer)}`, layer);
  serve("/manifests/1", body);
  serve(`/manifests/${sha(body)}`, body);
  return { manifest: sha(body), layer: sha(layer) };
}

function request(more: Partial<PullRequest> = {}): PullRequest {
  const registry = { account: "111122223333", region: "us-east-1" };
  const keys = { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expiration: new Date() };
  return {
    uri: { registry, repository: "team/web", tag: "1" },
    ...{
      credentials: keys,
      platform: "linux/amd64",
      checksLayers: true,
      signal: new AbortController().signal,
    },
    ...more,
  };
}

const failure = (expected: object) => expect.objectContaining({ failure: expect.objectContaining(expected) });

test("asks for the token, the manifest, and for each blob whether it is there and for its bytes", async () => {
  const { manifest, layer } = image("layer");
  expect(await puller.pull(request())).toEqual({ digest: manifest, platformDigest: manifest });
  expect(asked).toEqual([
    "POST /",
    `GET ${at}/manifests/1`,
    `HEAD ${at}/blobs/${sha("{}")}`,
    `GET ${at}/blobs/${sha("{}")}`,
    `HEAD ${at}/blobs/${layer}`,
    `GET ${at}/blobs/${layer}`,
  ]);
});

test("does not fetch layers that are elsewhere by their own word", async () => {
  const { layer } = image("foreign", { urls: ["https://elsewhere"] });
  await puller.pull(request());
  expect(asked.join("\n")).not.toContain(layer);
});

test("many pulls at once share the download of a layer, and each asks for itself", async () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024, "x");
  const { layer } = image(bytes);
  const whole = answers.get(`${at}/blobs/${layer}`);
  const waiting: (() => void)[] = [];
  answers.set(`${at}/blobs/${layer}`, (req, res) => {
    // The one that fetches it all waits until all others have asked for themselves.
    if (req.method === "HEAD" || req.headers.range) whole?.(req, res);
    else waiting.push(() => whole?.(req, res));
    if (asked.filter((one) => one.endsWith("bytes=0-0") && one.includes(layer)).length === 9)
      for (const answer of waiting.splice(0)) answer();
  });
  await Promise.all(Array.from({ length: 10 }, () => puller.pull(request())));
  const fetches = asked.filter((one) => one.startsWith("GET") && one.includes(layer));
  expect(fetches.filter((one) => !one.endsWith("bytes=0-0"))).toHaveLength(1);
  expect(fetches).toHaveLength(10);
});

test("a shared download that its first one gives up is taken up by the next", async () => {
  const { layer } = image("layer");
  const whole = answers.get(`${at}/blobs/${layer}`);
  const first = new AbortController();
  let fetches = 0;
  answers.set(`${at}/blobs/${layer}`, (req, res) => {
    if (req.method === "HEAD") whole?.(req, res);
    else if (req.headers.range) {
      whole?.(req, res);
      first.abort();
    } else if (++fetches > 1) whole?.(req, res);
  });
  const given = puller.pull(request({ signal: first.signal }));
  given.catch(() => undefined);
  await expect.poll(() => fetches, { timeout: 60_000 }).toBe(1);
  await expect(puller.pull(request())).resolves.toBeDefined();
  await expect(given).rejects.toMatchObject({ name: "AbortError" });
  expect(fetches).toBe(2);
});

test.each([
  ["other bytes", () => "other"],
  ["bytes that are cut off", () => "laye"],
  ["no bytes", () => ""],
])("a layer that comes as %s is not taken", async (_name, bytes) => {
  const { layer } = image("layer");
  serve(`/blobs/${layer}`, bytes());
  await expect(puller.pull(request())).rejects.toEqual(failure({ at: "content" }));
});

test.each([
  ["no JSON", "not json"],
  ["no manifest", "{}"],
  ["a list", "[]"],
  ["a digest that is none", JSON.stringify({ config: { digest: "sha256:../../etc", size: 1 }, layers: [] })],
])("a manifest that is %s is refused", async (_name, body) => {
  serve("/manifests/1", body);
  await expect(puller.pull(request())).rejects.toEqual(failure({ at: "content" }));
});

test("a manifest under another digest than it has is refused", async () => {
  const { manifest } = image("layer");
  const wrong = sha("something else");
  serve(`/manifests/${wrong}`, "{}");
  const uri = { ...request().uri, digest: wrong };
  await expect(puller.pull(request({ uri }))).rejects.toEqual(failure({ at: "content" }));
  await expect(puller.pull(request({ uri: { ...uri, digest: manifest } }))).resolves.toBeDefined();
});

test("a connection that breaks is a pull that fails", async () => {
  const { layer } = image("layer");
  const whole = answers.get(`${at}/blobs/${layer}`);
  answers.set(`${at}/blobs/${layer}`, (req, res) => {
    if (req.method === "HEAD") whole?.(req, res);
    else {
      res.writeHead(200, { "content-length": 5 }).write("la");
      res.socket?.destroySoon();
    }
  });
  await expect(puller.pull(request())).rejects.toEqual(failure({ at: "content" }));
});

test("an answer that is too long for a manifest is not read", async () => {
  answers.set(
    `${at}/manifests/1`,
    (_req, res) => void res.writeHead(200, { "content-length": 1e9 }).write("x"),
  );
  await expect(puller.pull(request())).rejects.toThrow("too long");
});

test("an index within an index is refused, and so is one without the platform", async () => {
  const descriptor = (digest: string, architecture: string) => ({
    ...{ mediaType: "i", digest, size: 1 },
    platform: { os: "linux", architecture },
  });
  const inner = JSON.stringify({ manifests: [] });
  serve(`/manifests/${sha(inner)}`, inner);
  serve("/manifests/1", JSON.stringify({ manifests: [descriptor(sha(inner), "amd64")] }));
  await expect(puller.pull(request())).rejects.toEqual(failure({ at: "platform" }));
  await expect(puller.pull(request({ platform: "linux/arm64" }))).rejects.toEqual(
    failure({ at: "platform", platform: "linux/arm64" }),
  );
});

test("a layer is streamed: what is pulled does not fill the memory", { timeout: 120_000 }, async () => {
  const size = 256 * 1024 * 1024;
  const chunk = Buffer.alloc(1024 * 1024);
  const hash = createHash("sha256");
  for (let sent = 0; sent < size; sent += chunk.length) hash.update(chunk);
  const digest = `sha256:${hash.digest("hex")}`;
  const { layer } = image("small", { digest, size });
  answers.delete(`${at}/blobs/${layer}`);
  answers.set(`${at}/blobs/${digest}`, (req, res) => {
    res.writeHead(200, { "content-length": size });
    if (req.method === "HEAD") res.end();
    else void send(res, chunk, size);
  });
  const before = process.memoryUsage().rss;
  await puller.pull(request());
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

async function send(res: ServerResponse, chunk: Buffer, size: number): Promise<void> {
  for (let sent = 0; sent < size; sent += chunk.length)
    if (!res.write(chunk)) await new Promise((resolve) => res.once("drain", resolve));
  res.end();
}
