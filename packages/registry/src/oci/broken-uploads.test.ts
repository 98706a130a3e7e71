import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

// Clients that go away, or come twice, in the middle of an upload.

const NAME = "broken/app";
const BYTES = Buffer.from("a layer that takes several tries");
const DEADLINE = { timeout: 60_000, interval: 5 };

let server: RegistryServer;
let client: RegistryClient;
let authorization: string;
beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
  authorization = await client.login();
  await client.api("CreateRepository", { repositoryName: NAME });
});
afterEach(() => expect(server.errors).toEqual([]));
afterAll(() => server.close());

async function start(): Promise<string> {
  const { headers } = await client.v2({ method: "POST", path: `/v2/${NAME}/blobs/uploads/` });
  return String(headers.location);
}

/** Begins a PATCH and sends `bytes`, which are not all that were announced; the registry has them when this resolves. */
async function beginPatch(location: string, announced: readonly string[], bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const head = [
    `PATCH ${location} HTTP/1.1`,
    "Host: localhost",
    `Authorization: ${authorization}`,
    ...announced,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${bytes}`);
  await vi.waitFor(async () => expect(await received(location)).toBeGreaterThan(0), DEADLINE);
  return socket;
}

/** The last byte that the upload's status tells of; 0 also where there is none. */
async function received(location: string): Promise<number> {
  const { status, headers } = await client.v2({ method: "GET", path: location });
  expect(status).toBe(204);
  return Number(String(headers["range"]).split("-")[1]);
}

const first = BYTES.subarray(0, 10).toString();
const length = `Content-Length: ${BYTES.byteLength}`;

test.each([
  ["its length", [length], first],
  ["its range", [length, `Content-Range: 0-${BYTES.byteLength - 1}`], first],
  ["nothing", ["Transfer-Encoding: chunked"], `a\r\n${first}\r\n`],
])(
  "a client that announced %s and went away goes on after the last byte that arrived",
  async (_, announced, sent) => {
    const location = await start();
    const socket = await beginPatch(location, announced, sent);
    expect(await received(location)).toBe(9);
    socket.destroy();
    const body = BYTES.subarray(10);
    const headers = { "Content-Range": `10-${BYTES.byteLength - 1}` };
    await vi.waitFor(async () => {
      const resumed = await client.v2({ method: "PATCH", path: location, headers, body });
      expect(resumed.status).toBe(202);
    }, DEADLINE); // 409 until the registry has heard that the first one is gone.
    const ended = await client.v2({ method: "PUT", path: `${location}?digest=${sha256(BYTES)}` });
    expect(ended.status).toBe(201);
    const blob = await client.v2({ method: "GET", path: `/v2/${NAME}/blobs/${sha256(BYTES)}` });
    expect(blob.text).toBe(BYTES.toString());
  },
);

test("an upload has one writer: whoever comes meanwhile is told to wait, and changes nothing", async () => {
  const location = await start();
  const socket = await beginPatch(location, [length], first);
  for (const question of [
    { method: "PATCH", path: location, body: Buffer.from("other") },
    { method: "PUT", path: `${location}?digest=${sha256(BYTES)}` },
  ]) {
    const answer = await client.v2(question);
    expect([answer.status, JSON.parse(answer.text).errors[0].code]).toEqual([409, "BLOB_UPLOAD_INVALID"]);
  }
  socket.write(BYTES.subarray(10));
  await vi.waitFor(async () => expect(await received(location)).toBe(BYTES.byteLength - 1), DEADLINE);
  const answer = () => client.v2({ method: "PUT", path: `${location}?digest=${sha256(BYTES)}` });
  await vi.waitFor(async () => expect((await answer()).status).toBe(201), DEADLINE);
  socket.destroy();
});

test("of several who end an upload at once, one does", async () => {
  const location = await start();
  await client.v2({ method: "PATCH", path: location, body: BYTES });
  const end = () => client.v2({ method: "PUT", path: `${location}?digest=${sha256(BYTES)}` });
  const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await end()).status));
  expect(statuses.toSorted()).toEqual([201, 404, 404, 404, 404, 404]);
});

test("an upload that is given up while bytes arrive is gone for whoever sends them", async () => {
  const location = await start();
  const socket = await beginPatch(location, [length], first);
  expect((await client.v2({ method: "DELETE", path: location })).status).toBe(204);
  const answer = new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(String(bytes))));
  socket.write(BYTES.subarray(10));
  expect((await answer).split("\r\n", 1)).toEqual(["HTTP/1.1 404 Not Found"]);
  socket.destroy();
});
