import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorCode, type HttpAnswer } from "../testing/http-client.ts";
import { anImage, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient, remoteServer } from "../testing/registry-client.ts";

/**
 * A registry in a process of its own that really has no room: on a file system of 6 MiB, in a mount namespace of its own; and
 * where the machine allows none, one whose files may not grow beyond 6 MiB.
 */
const MiB = 1024 * 1024;
const ROOM = 6 * MiB;
const script = join(import.meta.dirname, "../testing/crash-child.ts");
const mayMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).status === 0;
const mayLimit = spawnSync("prlimit", [`--fsize=${ROOM}`, "true"]).status === 0;

let directory: string;
let child: ChildProcess | undefined;
let client: RegistryClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "registry-full-"));
});
afterEach(async () => {
  if (child?.exitCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  child = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function start(command: string, args: readonly string[]): Promise<void> {
  const process = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  child = process;
  const [url] = await once(createInterface(process.stdout), "line");
  client = clientOf(remoteServer(String(url)));
  await client.api("CreateRepository", { repositoryName: "app" });
}

function startOnSmallDisk(): Promise<void> {
  const mounted = `mount -t tmpfs -o size=${ROOM} tmpfs "$0" && exec "$@"`;
  return start("unshare", ["-rm", "sh", "-c", mounted, directory, process.execPath, script, directory]);
}

function startWithSmallFiles(): Promise<void> {
  return start("prlimit", [`--fsize=${ROOM}`, process.execPath, script, directory]);
}

async function begin(): Promise<string> {
  const answer = await client.v2({ method: "POST", path: "/v2/app/blobs/uploads/" });
  expect(answer.status).toBe(202);
  return String(answer.headers.location);
}

function requireFull(answer: HttpAnswer): void {
  expect([answer.status, errorCode(answer)]).toEqual([507, "UNAVAILABLE"]);
  expect(answer.text).toContain("The registry's disk is full");
}

async function received(location: string): Promise<number> {
  const { headers } = await client.v2({ method: "GET", path: location });
  return Number(String(headers.range).split("-")[1]) + 1;
}

async function pull(path: string): Promise<Buffer> {
  const answer = await client.v2({ method: "GET", path });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** Fills what is left, and answers with the upload that lies there. */
async function fill(): Promise<{ readonly location: string; readonly bytes: Buffer }> {
  const [location, bytes] = [await begin(), randomBytes(ROOM + MiB)];
  requireFull(await client.v2({ method: "PATCH", path: location, body: bytes }));
  return { location, bytes };
}

describe.runIf(mayMount)("on a disk that is full", () => {
  beforeEach(startOnSmallDisk);

  test("what was stored is served, and nothing new is there by half", async () => {
    const image = anImage([randomBytes(100_000)]);
    expect((await client.push("app", image, "1.0")).status).toBe(201);
    const { location } = await fill();
    const layer = randomBytes(200_000);
    const whole = `/v2/app/blobs/uploads/?digest=${sha256(layer)}`;
    requireFull(await client.v2({ method: "POST", path: whole, body: layer }));
    const absent = await client.v2({ method: "HEAD", path: `/v2/app/blobs/${sha256(layer)}` });
    expect(absent.status).toBe(404);
    const large = anImage([], { config: configOf(image), annotations: { text: "x".repeat(300_000) } });
    const path = "/v2/app/manifests/large";
    const headers = { "Content-Type": large.mediaType };
    requireFull(await client.v2({ method: "PUT", path, body: large.bytes, headers }));
    expect((await client.v2({ method: "HEAD", path })).status).toBe(404);
    expect((await pull("/v2/app/manifests/1.0")).equals(image.bytes)).toBe(true);
    for (const blob of image.blobs) {
      expect((await pull(`/v2/app/blobs/${sha256(blob)}`)).equals(blob)).toBe(true);
    }
    await client.v2({ method: "DELETE", path: location });
    expect((await client.v2({ method: "PUT", path, body: large.bytes, headers })).status).toBe(201);
    expect((await pull(path)).equals(large.bytes)).toBe(true);
  });

  test("an upload goes on after the last byte that had room, once there is some", async () => {
    const [location, bytes] = [await begin(), randomBytes(3 * MiB)];
    await client.v2({ method: "PATCH", path: location, body: bytes.subarray(0, MiB) });
    const filler = await fill();
    requireFull(await client.v2({ method: "PATCH", path: location, body: bytes.subarray(MiB) }));
    await client.v2({ method: "DELETE", path: filler.location });
    const at = await received(location);
    expect(at).toBeGreaterThanOrEqual(MiB);
    const rest = await client.v2({ method: "PATCH", path: location, body: bytes.subarray(at) });
    expect(rest.status).toBe(202);
    const done = await client.v2({ method: "PUT", path: `${location}?digest=${sha256(bytes)}` });
    expect(done.status).toBe(201);
    expect((await pull(`/v2/app/blobs/${sha256(bytes)}`)).equals(bytes)).toBe(true);
  });

  test("what came before the end of the room is a layer with nothing behind it", async () => {
    const { location, bytes } = await fill();
    const kept = bytes.subarray(0, await received(location));
    const done = await client.v2({ method: "PUT", path: `${location}?digest=${sha256(kept)}` });
    // Its bytes are there; whether there also is room to write down that they are depends on the last block.
    if (done.status === 201) expect((await pull(`/v2/app/blobs/${sha256(kept)}`)).equals(kept)).toBe(true);
    else requireFull(done);
    expect((await client.v2({ method: "GET", path: "/v2/" })).status).toBe(200);
  });

  test("the API says so too, and a part is there as a whole or not at all", async () => {
    const started = await client.api("InitiateLayerUpload", { repositoryName: "app" });
    const uploadId = String(started.body["uploadId"]);
    const bytes = randomBytes(ROOM + 1);
    const part = (blob: Uint8Array) => {
      const range = { partFirstByte: 0, partLastByte: blob.byteLength - 1 };
      const layerPartBlob = Buffer.from(blob).toString("base64");
      return client.api("UploadLayerPart", { repositoryName: "app", uploadId, ...range, layerPartBlob });
    };
    const refused = await part(bytes);
    expect([refused.status, refused.body["__type"]]).toEqual([500, "ServerException"]);
    expect(refused.body["message"]).toContain("The registry's disk is full");
    const small = bytes.subarray(0, 1000);
    expect((await part(small)).body).toMatchObject({ lastByteReceived: 999 });
    const layerDigests = [sha256(small)];
    const done = await client.api("CompleteLayerUpload", { repositoryName: "app", uploadId, layerDigests });
    expect([done.status, done.body["message"]]).toEqual([200, undefined]);
    expect((await pull(`/v2/app/blobs/${sha256(small)}`)).equals(small)).toBe(true);
  });
});

describe.runIf(mayLimit)("where files may not grow", () => {
  beforeEach(startWithSmallFiles);

  test("an upload beyond the limit is a clear error, and everything else goes on", async () => {
    const { location } = await fill();
    expect(await received(location)).toBeLessThanOrEqual(ROOM);
    const image = anImage([randomBytes(MiB)]);
    expect((await client.push("app", image, "1.0")).status).toBe(201);
    expect((await pull("/v2/app/manifests/1.0")).equals(image.bytes)).toBe(true);
    expect((await client.v2({ method: "DELETE", path: location })).status).toBe(204);
  });
});

test("one of the two can be had on this machine", () => {
  expect(mayMount || mayLimit).toBe(true);
});

function configOf(image: ReturnType<typeof anImage>): unknown {
  return JSON.parse(image.bytes.toString()).config;
}
