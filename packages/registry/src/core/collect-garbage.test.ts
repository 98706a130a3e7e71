import { randomBytes } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorCode } from "../testing/http-client.ts";
import { anImage, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const DAY = 24 * 60 * 60 * 1000;
let server: RegistryServer;
let client: RegistryClient;

async function start(limits: object = {}): Promise<void> {
  server = await startRegistryServer({ limits });
  client = clientOf(server);
  for (const repositoryName of ["app", "other"]) await client.api("CreateRepository", { repositoryName });
}
beforeEach(() => start());
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

function pass(milliseconds: number): void {
  server.clock.now = new Date(server.clock.now.getTime() + milliseconds);
  client = clientOf(server); // Tokens live for 12 hours.
}

async function status(repository: string, bytes: Uint8Array, method = "GET"): Promise<number> {
  return (await client.v2({ method, path: `/v2/${repository}/blobs/${sha256(bytes)}` })).status;
}

async function blobFiles(): Promise<string[]> {
  const blobs = join(server.directory, "registries/111122223333/us-east-1/blobs/sha256");
  const files = await readdir(blobs, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map((file) => file.name);
}

/** Leases are in memory: a restart ends them all. */
async function forgetLeases(): Promise<void> {
  await server.restart();
}

describe("a collection", () => {
  test("removes the layers that no image has used for a day, with their files, and leaves the others", async () => {
    const image = anImage(["used"]);
    await client.push("app", image, "1.0");
    const [old, young] = [randomBytes(100), randomBytes(100)];
    await client.pushBlob("app", old);
    pass(DAY);
    await client.pushBlob("app", young);
    pass(1);
    await forgetLeases();
    expect(await server.registry.collectGarbage()).toEqual({ uploads: 0, layers: 1, blobs: 1 });
    expect(await status("app", old)).toBe(404);
    expect([await status("app", young), await status("app", Buffer.from("used"))]).toEqual([200, 200]);
    expect((await blobFiles()).length).toBe(image.blobs.length + 1);
    expect(await server.registry.collectGarbage()).toEqual({ uploads: 0, layers: 0, blobs: 0 });
  });

  test("keeps the file of a layer that another repository of the registry has", async () => {
    const shared = anImage(["shared"]);
    await client.push("other", shared, "1.0");
    await client.pushBlob("app", Buffer.from("shared"));
    pass(DAY + 1);
    await forgetLeases();
    expect(await server.registry.collectGarbage()).toEqual({ uploads: 0, layers: 1, blobs: 0 });
    expect([
      await status("app", Buffer.from("shared")),
      await status("other", Buffer.from("shared")),
    ]).toEqual([404, 200]);
  });

  test("removes what deleted images and repositories leave, and what a crash did", async () => {
    await client.push("app", anImage(["one"]), "1.0");
    await client.push("other", anImage(["two"]), "1.0");
    await client.api("DeleteRepository", { repositoryName: "other", force: true });
    expect(await server.registry.collectGarbage()).toMatchObject({ layers: 0, blobs: 1 });
    const directory = join(server.directory, "registries/111122223333/us-east-1/blobs/sha256");
    const [some = ""] = await readdir(directory);
    await writeFile(join(directory, some, "a".repeat(64)), "half");
    await writeFile(join(directory, some, `${"b".repeat(64)}.copying`), "half");
    expect(await server.registry.collectGarbage()).toMatchObject({ layers: 0, blobs: 2 });
    await client.api("BatchDeleteImage", { repositoryName: "app", imageIds: [{ imageTag: "1.0" }] });
    pass(DAY + 1);
    await forgetLeases();
    expect(await server.registry.collectGarbage()).toMatchObject({ layers: 2, blobs: 2 });
    expect(await blobFiles()).toEqual([]);
  });

  test("keeps the layers of archived images", async () => {
    await client.push("app", anImage(["archived"]), "1.0");
    const imageId = { imageTag: "1.0" };
    const archive = { repositoryName: "app", imageId, targetStorageClass: "ARCHIVE" };
    await client.api("UpdateImageStorageClass", archive);
    pass(365 * DAY);
    await forgetLeases();
    expect(await server.registry.collectGarbage()).toEqual({ uploads: 0, layers: 0, blobs: 0 });
  });

  test.each(["HEAD", "GET"])("leaves what a client was just told is there, by %s", async (method) => {
    const image = anImage(["old layer"]);
    for (const blob of image.blobs) await client.pushBlob("app", blob);
    pass(30 * DAY);
    await forgetLeases();
    for (const blob of image.blobs) expect(await status("app", blob, method)).toBe(200);
    expect(await server.registry.collectGarbage()).toEqual({ uploads: 0, layers: 0, blobs: 0 });
    const body = image.bytes;
    const headers = { "Content-Type": image.mediaType };
    const path = "/v2/app/manifests/1.0";
    expect((await client.v2({ method: "PUT", path, body, headers })).status).toBe(201);
  });

  test("leaves what BatchCheckLayerAvailability told of, and a layer that was uploaded again", async () => {
    const layers = [randomBytes(50), randomBytes(50), randomBytes(50)] as const;
    for (const layer of layers) await client.pushBlob("app", layer);
    pass(30 * DAY);
    await forgetLeases();
    const layerDigests = [sha256(layers[0])];
    await client.api("BatchCheckLayerAvailability", { repositoryName: "app", layerDigests });
    await client.pushBlob("app", layers[1]);
    expect(await server.registry.collectGarbage()).toMatchObject({ layers: 1, blobs: 1 });
    expect([await status("app", layers[0]), await status("app", layers[1])]).toEqual([200, 200]);
    expect(await status("app", layers[2])).toBe(404);
  });

  test("that is asked for while another is under way looks again, once for all who ask, when that one has ended", async () => {
    await client.pushBlob("app", randomBytes(100));
    pass(2 * DAY);
    await forgetLeases();
    const under = server.registry.collectGarbage();
    const next = [server.registry.collectGarbage(), server.registry.collectGarbage()];
    expect(next[1]).toBe(next[0]);
    expect(await under).toEqual({ uploads: 0, layers: 1, blobs: 1 });
    expect(await next[0]).toEqual({ uploads: 0, layers: 0, blobs: 0 });
  });

  test("leaves a push alone whose registry's clock is set a year forward in the middle", async () => {
    const image = anImage(["pushed while the clock moves"]);
    for (const blob of image.blobs) await client.pushBlob("app", blob);
    pass(365 * DAY);
    await server.registry.collectGarbage();
    const headers = { "Content-Type": image.mediaType };
    const path = "/v2/app/manifests/1.0";
    expect((await client.v2({ method: "PUT", path, body: image.bytes, headers })).status).toBe(201);
  });
});

describe("abandoned uploads", () => {
  test("are given up after their time, and those that receive bytes are not", async () => {
    await server.close();
    await start({ uploadLife: 100 });
    const begin = async () => {
      const { headers } = await client.v2({ method: "POST", path: "/v2/app/blobs/uploads/" });
      return String(headers.location);
    };
    const abandoned = await begin();
    await client.v2({ method: "PATCH", path: abandoned, body: randomBytes(1000) });
    await vi.waitFor(async () => expect((await server.registry.collectGarbage()).uploads).toBe(1), {
      timeout: 60_000,
    });
    expect(await readdir(join(server.directory, "uploads"))).toEqual([]);
    expect(errorCode(await client.v2({ method: "GET", path: abandoned }))).toBe("BLOB_UPLOAD_UNKNOWN");
    const alive = await begin();
    expect((await client.v2({ method: "PATCH", path: alive, body: randomBytes(10) })).status).toBe(202);
    await client.v2({ method: "DELETE", path: alive });
  });
});

describe("collections while images are pushed and deleted", () => {
  test("take no layer of an image that a client was promised", { timeout: 120_000 }, async () => {
    await server.close();
    // What is not used is old at once: only leases and holds protect a push.
    await start({ unusedLayerLife: 1 });
    let collections = 0;
    let removed = 0;
    let pushing = true;
    const collecting = (async () => {
      while (pushing) {
        server.clock.now = new Date(server.clock.now.getTime() + 10);
        removed += (await server.registry.collectGarbage()).blobs;
        collections += 1;
      }
    })();
    const churning = (async () => {
      while (pushing) await churn();
    })();
    const kept = (await Promise.all([1, 2, 3].map((writer) => write(writer)))).flat();
    pushing = false;
    await Promise.all([collecting, churning]);
    for (const { repository, image } of kept) {
      for (const blob of image.blobs) expect(await status(repository, blob)).toBe(200);
    }
    expect(kept.length).toBeGreaterThanOrEqual(30);
    expect(collections).toBeGreaterThan(20);
    expect(removed).toBeGreaterThan(10);
  });

  let round = 0;

  /** A repository that comes and goes with the same layers: its files are waste just as others bring them in. */
  async function churn(): Promise<void> {
    await client.api("CreateRepository", { repositoryName: "churn" });
    for (const layer of [`layer ${round}`, `layer ${round + 1}`, randomBytes(10)]) {
      await client.pushBlob("churn", Buffer.from(layer));
    }
    await client.api("DeleteRepository", { repositoryName: "churn", force: true });
  }

  /** Pushes images, of which every fourth is deleted again, with layers that the others push too. */
  async function write(writer: number) {
    const kept: { repository: string; image: ReturnType<typeof anImage> }[] = [];
    for (let n = 0; n < 20; n++) {
      const repository = n % 2 === 0 ? "app" : "other";
      round = n;
      const image = anImage([`layer ${n}`, `layer ${writer} ${n}`]);
      const pushed = await client.push(repository, image, `tag-${writer}-${n}`);
      expect([pushed.status, pushed.text]).toEqual([201, ""]);
      if (n % 4 === 0) {
        const imageIds = [{ imageDigest: image.digest }];
        await client.api("BatchDeleteImage", { repositoryName: repository, imageIds });
      } else kept.push({ repository, image });
    }
    return kept;
  }
});
