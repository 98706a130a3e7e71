import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { errorCode } from "../testing/http-client.ts";
import { sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;
let client: RegistryClient;
const UPLOADS = "/v2/team/app/blobs/uploads/";

beforeAll(async () => {
  server = await startRegistryServer({ limits: { maxLayerBytes: 1_000_000, maxOpenUploads: 20 } });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName: "team/app" });
  await client.api("CreateRepository", { repositoryName: "other" });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function start(): Promise<string> {
  const { status, headers } = await client.v2({ method: "POST", path: UPLOADS });
  expect(status).toBe(202);
  expect(headers["docker-upload-uuid"]).toBeTruthy();
  return String(headers.location);
}

async function isThere(bytes: Uint8Array): Promise<boolean> {
  const { status } = await client.v2({ method: "HEAD", path: `/v2/team/app/blobs/${sha256(bytes)}` });
  return status === 200;
}

async function uploadFiles(): Promise<string[]> {
  return readdir(join(server.directory, "uploads"));
}

describe("an upload", () => {
  test("in chunks tells how far it is, and is visible only at its end", async () => {
    const bytes = randomBytes(3000);
    const location = await start();
    for (const [from, to] of [
      [0, 1000],
      [1000, 3000],
    ] as const) {
      const answer = await client.v2({
        method: "PATCH",
        path: location,
        body: bytes.subarray(from, to),
        headers: { "Content-Range": `${from}-${to - 1}` },
      });
      expect([answer.status, answer.headers.range]).toEqual([202, `0-${to - 1}`]);
    }
    const status = await client.v2({ method: "GET", path: location });
    expect([status.status, status.headers.range]).toEqual([204, "0-2999"]);
    expect(await isThere(bytes)).toBe(false);
    const done = await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}` });
    expect(done.status).toBe(201);
    expect(await isThere(bytes)).toBe(true);
    expect(await uploadFiles()).toEqual([]);
  });

  test("may bring its last bytes with the PUT, of unknown length too", async () => {
    const bytes = randomBytes(2000);
    const location = await start();
    await client.v2({ method: "PATCH", path: location, body: bytes.subarray(0, 500) });
    const done = await client.v2({
      method: "PUT",
      path: `${location}?digest=${encodeURIComponent(sha256(bytes))}`,
      body: bytes.subarray(500),
      headers: { "Transfer-Encoding": "chunked" },
    });
    expect(done.status).toBe(201);
    expect(await isThere(bytes)).toBe(true);
  });

  test("may come in one POST", async () => {
    const bytes = randomBytes(2000);
    const done = await client.v2({ method: "POST", path: `${UPLOADS}?digest=${sha256(bytes)}`, body: bytes });
    expect([done.status, done.headers.location]).toEqual([201, `/v2/team/app/blobs/${sha256(bytes)}`]);
    expect(await isThere(bytes)).toBe(true);
  });

  test("of no bytes is a layer too", async () => {
    const answer = await client.pushBlob("team/app", Buffer.alloc(0));
    expect(answer.status).toBe(201);
    const got = await client.v2({ method: "GET", path: `/v2/team/app/blobs/${sha256(Buffer.alloc(0))}` });
    expect([got.status, got.body.byteLength]).toEqual([200, 0]);
  });

  test("asked to mount a layer from elsewhere falls back to uploading", async () => {
    const path = `${UPLOADS}?mount=sha256:${"a".repeat(64)}&from=other`;
    const answer = await client.v2({ method: "POST", path });
    expect(answer.status).toBe(202);
    expect((await client.v2({ method: "DELETE", path: String(answer.headers.location) })).status).toBe(204);
  });

  test("is over when it is cancelled", async () => {
    const location = await start();
    expect((await client.v2({ method: "DELETE", path: location })).status).toBe(204);
    const late = await client.v2({ method: "PATCH", path: location, body: Buffer.from("x") });
    expect(errorCode(late)).toBe("BLOB_UPLOAD_UNKNOWN");
    expect(await uploadFiles()).toEqual([]);
  });
});

describe("a wrong upload", () => {
  test("with another digest stores nothing and is over", async () => {
    const location = await start();
    const wrong = `sha256:${"1".repeat(64)}`;
    const answer = await client.v2({
      method: "PUT",
      path: `${location}?digest=${wrong}`,
      body: Buffer.from("x"),
    });
    expect([answer.status, errorCode(answer)]).toEqual([400, "DIGEST_INVALID"]);
    expect(answer.text).toContain(sha256(Buffer.from("x")));
    expect(await isThere(Buffer.from("x"))).toBe(false);
    expect(errorCode(await client.v2({ method: "GET", path: location }))).toBe("BLOB_UPLOAD_UNKNOWN");
    expect(await uploadFiles()).toEqual([]);
  });

  test("that goes on at the wrong byte is told where it is", async () => {
    const location = await start();
    await client.v2({ method: "PATCH", path: location, body: Buffer.from("12345") });
    const answer = await client.v2({
      method: "PATCH",
      path: location,
      body: Buffer.from("x"),
      headers: { "Content-Range": "7-7" },
    });
    expect([answer.status, answer.headers.range]).toEqual([416, "0-4"]);
    await client.v2({ method: "DELETE", path: location });
  });

  test("beyond the size limit is refused, and the connection can be used on", async () => {
    const location = await start();
    const answer = await client.v2({ method: "PATCH", path: location, body: Buffer.alloc(1_000_001) });
    expect([answer.status, errorCode(answer)]).toEqual([413, "SIZE_INVALID"]);
    await client.v2({ method: "DELETE", path: location });
  });

  test("to another repository than it was begun in is unknown there", async () => {
    const location = await start();
    const answer = await client.v2({ method: "PATCH", path: location.replace("team/app", "other") });
    expect(errorCode(answer)).toBe("BLOB_UPLOAD_UNKNOWN");
    await client.v2({ method: "DELETE", path: location });
  });

  test("too many at once are put off", async () => {
    const locations: string[] = [];
    for (let n = 0; n < 20; n++) locations.push(await start());
    const answer = await client.v2({ method: "POST", path: UPLOADS });
    expect([answer.status, errorCode(answer)]).toEqual([429, "TOOMANYREQUESTS"]);
    for (const path of locations) await client.v2({ method: "DELETE", path });
  });

  test("cut off in the middle leaves nothing visible, kills nothing, and can be gone on with", async () => {
    const bytes = randomBytes(1000);
    const location = await start();
    await sendHalf(location, bytes);
    const arrived = () => client.v2({ method: "GET", path: location });
    await vi.waitFor(async () => expect((await arrived()).headers.range).toBe("0-499"), { timeout: 60_000 });
    expect(await isThere(bytes)).toBe(false);
    await vi.waitFor(
      async () => {
        const answer = await client.v2({ method: "PATCH", path: location, body: bytes.subarray(500) });
        expect(answer.status).toBe(202);
      },
      { timeout: 60_000 },
    );
    const done = await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}` });
    expect(done.status).toBe(201);
  });

  test("cancelled while its bytes still arrive is over for both, and leaves no trace", async () => {
    const location = await start();
    const { port } = new URL(server.url);
    const headers = { Authorization: await client.login(), "Transfer-Encoding": "chunked" };
    const patch = request({ port, method: "PATCH", path: location, headers });
    const answered = once(patch, "response");
    patch.write("first");
    const arrived = async () => (await client.v2({ method: "GET", path: location })).headers.range;
    await vi.waitFor(async () => expect(await arrived()).toBe("0-4"), { timeout: 60_000 });
    expect((await client.v2({ method: "DELETE", path: location })).status).toBe(204);
    patch.end("second");
    const [answer] = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(404);
    expect(await uploadFiles()).toEqual([]);
  });

  test("cut off in a single POST leaves no trace", async () => {
    const bytes = randomBytes(1000);
    await sendHalf(`${UPLOADS}?digest=${sha256(bytes)}`, bytes, "POST");
    await vi.waitFor(async () => expect(await uploadFiles()).toEqual([]), { timeout: 60_000 });
    expect(await isThere(bytes)).toBe(false);
  });
});

/** Announces all bytes, sends half of them, waits until they are on the disk, and hangs up. */
async function sendHalf(path: string, bytes: Uint8Array, method = "PATCH"): Promise<void> {
  const authorization = await client.login();
  const before = await uploadFiles();
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n` +
      `Content-Length: ${bytes.byteLength}\r\n\r\n`,
  );
  socket.write(bytes.subarray(0, bytes.byteLength / 2));
  if (method === "POST") {
    await vi.waitFor(async () => expect((await uploadFiles()).length).toBe(before.length + 1), {
      timeout: 60_000,
    });
  } else {
    const arrived = async () => (await client.v2({ method: "GET", path })).headers.range;
    await vi.waitFor(async () => expect(await arrived()).toBe("0-499"), { timeout: 60_000 });
  }
  socket.destroy();
}
