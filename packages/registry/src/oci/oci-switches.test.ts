import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SwitchChanges } from "../core/switches.ts";
import { ask, errorCode } from "../testing/http-client.ts";
import { anImage, anIndex, OCI_MANIFEST, sha256 } from "../testing/image-builder.ts";
import { oneRegistry } from "../testing/one-registry.ts";
import { clientOf } from "../testing/registry-client.ts";
import { startRegistryServer } from "../testing/registry-server.ts";

/** Every switch of `/v2`, both ways: first as it is by default. */
const NAME = "team/app";
const UPLOADS = `/v2/${NAME}/blobs/uploads/`;
const world = oneRegistry(NAME);
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

/** What `question` answers by default, and then with the switches set otherwise. */
async function bothWays<Answer>(changes: SwitchChanges, question: () => Promise<Answer>) {
  const byDefault = await question();
  world.server.registry.setSwitches(changes);
  return [byDefault, await question()] as const;
}

function v2(method: string, rest: string) {
  return world.client.v2({ method, path: `/v2/${NAME}/${rest}` });
}

async function begin(): Promise<string> {
  return String((await world.client.v2({ method: "POST", path: UPLOADS })).headers.location);
}

async function outcome(method: string, rest: string) {
  const answer = await v2(method, rest);
  return answer.status < 400 ? answer.status : [answer.status, errorCode(answer)];
}

describe("strictEcr", () => {
  const layer = randomBytes(5000);
  const image = anImage([layer]);
  const blob = `blobs/${sha256(layer)}`;

  test("redirects a blob's GET, not its HEAD, to a URL that reads it without credentials", async () => {
    await world.client.push(NAME, image, "1.0");
    world.server.registry.setSwitches({ strictEcr: true });
    expect((await v2("HEAD", blob)).status).toBe(200);
    const answer = await v2("GET", blob);
    expect([answer.status, answer.text]).toEqual([307, ""]);
    const url = new URL(String(answer.headers.location));
    expect(url.hostname).toBe("111122223333.dkr.ecr.us-east-1.localhost");
    const path = url.pathname + url.search;
    expect((await ask(world.server.url, { method: "GET", path })).body.equals(layer)).toBe(true);
    const range = await ask(world.server.url, { method: "GET", path, headers: { Range: "bytes=-10" } });
    expect([range.status, range.body.equals(layer.subarray(-10))]).toEqual([206, true]);
    const forwarded = await ask(world.server.url, {
      method: "GET",
      path,
      headers: { Authorization: await world.client.login() },
    });
    expect(forwarded.status).toBe(400);
  });

  test("redirects to another host than the one that was asked", async () => {
    for (const [host, endpoint, expected] of [
      ["127.0.0.1", "127.0.0.1", "localhost"],
      ["localhost", "localhost", "127.0.0.1"],
      ["111122223333.dkr.ecr.us-east-1.localhost", "127.0.0.1", "127.0.0.1"],
    ] as const) {
      const local = await startRegistryServer({ downloadEndpoint: () => `http://${endpoint}:9` });
      const other = clientOf(local);
      await other.api("CreateRepository", { repositoryName: NAME });
      await other.push(NAME, image, "1.0");
      local.registry.setSwitches({ strictEcr: true });
      const path = `/v2/${NAME}/${blob}`;
      const answer = await other.v2({ method: "GET", path, headers: { Host: `${host}:4510` } });
      expect(new URL(String(answer.headers.location)).host).toBe(`${expected}:9`);
      await local.close();
    }
  });

  test("has no blob for a GET that no image has", async () => {
    await world.client.pushBlob(NAME, layer);
    const answers = await bothWays({ strictEcr: true }, () => outcome("GET", blob));
    expect(answers).toEqual([200, [404, "BLOB_UNKNOWN"]]);
    expect((await v2("HEAD", blob)).status).toBe(200);
  });

  test("leaves the digest out of a manifest's GET, not of its HEAD", async () => {
    await world.client.push(NAME, image, "1.0");
    const digest = async (method: string) =>
      (await v2(method, "manifests/1.0")).headers["docker-content-digest"];
    const answers = await bothWays({ strictEcr: true }, async () => [
      await digest("GET"),
      await digest("HEAD"),
    ]);
    expect(answers).toEqual([
      [image.digest, image.digest],
      [undefined, image.digest],
    ]);
  });

  test("keeps the Range of a PATCH at its first chunk, though all is there", async () => {
    const ranges = async () => {
      const path = await begin();
      const seen: unknown[] = [];
      for (const size of [10, 20]) {
        const body = randomBytes(size);
        seen.push((await world.client.v2({ method: "PATCH", path, body })).headers.range);
      }
      seen.push((await world.client.v2({ method: "GET", path })).headers.range);
      await world.client.v2({ method: "DELETE", path });
      return seen;
    };
    expect(await bothWays({ strictEcr: true }, ranges)).toEqual([
      ["0-9", "0-29", "0-29"],
      ["0-9", "0-9", "0-29"],
    ]);
  });

  test("lists tags by an opaque cursor, every one once, and takes no tag for one", async () => {
    const tags = ["a", "b", "c", "d", "e"];
    for (const tag of tags) await world.client.push(NAME, anImage([tag]), tag);
    world.server.registry.setSwitches({ strictEcr: true });
    const seen: string[] = [];
    for (let path: string | undefined = `/v2/${NAME}/tags/list?n=2`; path !== undefined; ) {
      const page = await world.client.v2({ method: "GET", path });
      seen.push(...JSON.parse(page.text).tags);
      path = /<(.+)>; rel="next"/.exec(String(page.headers["link"]))?.[1];
      if (path !== undefined) expect(tags).not.toContain(new URLSearchParams(path.split("?")[1]).get("last"));
    }
    expect(seen.toSorted()).toEqual(tags);
    expect(seen).not.toEqual(tags);
    expect(await outcome("GET", "tags/list?last=b")).toEqual([405, "UNSUPPORTED"]);
  });

  test("deletes no blob", async () => {
    await world.client.pushBlob(NAME, layer);
    world.server.registry.setSwitches({ strictEcr: true });
    expect(await outcome("DELETE", blob)).toEqual([405, "UNSUPPORTED"]);
    expect((await v2("HEAD", blob)).status).toBe(200);
  });

  test("calls a manifest that is too large an invalid parameter", async () => {
    const put = async () => {
      const body = Buffer.alloc(4_194_305, " ");
      const answer = await world.client.v2({ method: "PUT", path: `/v2/${NAME}/manifests/large`, body });
      return [answer.status, errorCode(answer)];
    };
    expect(await bothWays({ strictEcr: true }, put)).toEqual([
      [413, "SIZE_INVALID"],
      [405, "UNSUPPORTED"],
    ]);
  });

  test("with directBlobs serves a small blob itself", async () => {
    const small = anImage(["small"]);
    await world.client.push(NAME, small, "small");
    await world.client.push(NAME, image, "large");
    world.server.registry.setSwitches({ strictEcr: true });
    const path = `blobs/${sha256(Buffer.from("small"))}`;
    expect(await bothWays({ directBlobs: "small" }, () => outcome("GET", path))).toEqual([307, 200]);
    expect(await outcome("GET", blob)).toBe(307);
  });
});

describe("what ECR leaves open on /v2", () => {
  test("immutableTagStatus: the status of TAG_INVALID", async () => {
    await world.client.api("CreateRepository", { repositoryName: "fixed", imageTagMutability: "IMMUTABLE" });
    await world.client.push("fixed", anImage(["a"]), "1.0");
    const push = async () => {
      const answer = await world.client.push("fixed", anImage(["b"]), "1.0");
      return [answer.status, errorCode(answer)];
    };
    expect(await bothWays({ immutableTagStatus: "405" }, push)).toEqual([
      [400, "TAG_INVALID"],
      [405, "TAG_INVALID"],
    ]);
  });

  test("deleteByTag: whether a tag can be deleted", async () => {
    for (const tag of ["one", "two"]) await world.client.push(NAME, anImage(["a"]), tag);
    const remove = () => outcome("DELETE", "manifests/two");
    world.server.registry.setSwitches({ deleteByTag: false });
    expect(await remove()).toEqual([404, "MANIFEST_UNKNOWN"]);
    expect((await v2("HEAD", "manifests/two")).status).toBe(200);
    world.server.registry.setSwitches({ deleteByTag: true });
    expect(await remove()).toBe(202);
  });

  test("deleteBlobs: whether a blob can be deleted", async () => {
    const bytes = randomBytes(10);
    const remove = async () => {
      await world.client.pushBlob(NAME, bytes);
      return outcome("DELETE", `blobs/${sha256(bytes)}`);
    };
    expect(await bothWays({ deleteBlobs: false }, remove)).toEqual([202, [405, "UNSUPPORTED"]]);
  });

  test("catalogPaging: whether there is a next page", async () => {
    await world.client.api("CreateRepository", { repositoryName: "another" });
    const link = async () =>
      (await world.client.v2({ method: "GET", path: "/v2/_catalog?n=1" })).headers["link"];
    const [paged, unpaged] = await bothWays({ catalogPaging: false }, link);
    expect([paged, unpaged]).toEqual(['</v2/_catalog?n=1&last=another>; rel="next"', undefined]);
  });

  test("referrersPaging: whether more than 1,000 come in pages", { timeout: 120_000 }, async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: `sha256:${"0".repeat(64)}`, size: 1 };
    await world.client.push(NAME, anImage([], { subject }));
    for (let n = 1; n < 1002; n++) {
      const imageManifest = anImage([], {
        subject,
        artifactType: "a/b",
        annotations: { n: `${n}` },
      }).bytes.toString();
      expect((await world.client.api("PutImage", { repositoryName: NAME, imageManifest })).status).toBe(200);
    }
    const walk = async () => {
      const sizes: number[] = [];
      const seen = new Set<string>();
      for (
        let path: string | undefined = `/v2/${NAME}/referrers/${subject.digest}?artifactType=a/b`;
        path;
      ) {
        const page = await world.client.v2({ method: "GET", path });
        const { manifests } = JSON.parse(page.text);
        sizes.push(manifests.length);
        for (const { digest } of manifests) seen.add(digest);
        path = /<(.+)>; rel="next"/.exec(String(page.headers["link"]))?.[1];
      }
      return [sizes, seen.size];
    };
    expect(await bothWays({ referrersPaging: false }, walk)).toEqual([
      [[1000, 1], 1001],
      [[1001], 1001],
    ]);
  });

  test("referrersFilterHeader: whether a filter says that it was applied", async () => {
    const path = `referrers/sha256:${"0".repeat(64)}?artifactType=a/b`;
    const header = async () => (await v2("GET", path)).headers["oci-filters-applied"];
    expect(await bothWays({ referrersFilterHeader: false }, header)).toEqual(["artifactType", undefined]);
  });

  test.each([
    ["uploadStatus", "GET"],
    ["uploadCancel", "DELETE"],
  ])("%s: whether an upload has a %s", async (name, method) => {
    const ask = async () => {
      const path = await begin();
      const answer = await world.client.v2({ method, path });
      return answer.status;
    };
    expect(await bothWays({ [name]: false }, ask)).toEqual([204, 405]);
  });

  test("missingContent: what a manifest gets whose layers or children are not there", async () => {
    const put = async (image: ReturnType<typeof anImage>) => {
      const headers = { "Content-Type": image.mediaType };
      const path = `/v2/${NAME}/manifests/absent`;
      const answer = await world.client.v2({ method: "PUT", path, body: image.bytes, headers });
      return [answer.status, errorCode(answer)];
    };
    const absent = anImage(["never pushed"]);
    const both = async () => [await put(absent), await put(anIndex([absent]))];
    expect(await bothWays({ missingContent: "MANIFEST_BLOB_UNKNOWN" }, both)).toEqual([
      [
        [405, "UNSUPPORTED"],
        [405, "UNSUPPORTED"],
      ],
      [
        [404, "MANIFEST_BLOB_UNKNOWN"],
        [404, "MANIFEST_BLOB_UNKNOWN"],
      ],
    ]);
  });

  test("uploadStartHeaders: what the answer to a POST has besides its Location", async () => {
    const start = async () => {
      const { headers } = await world.client.v2({ method: "POST", path: UPLOADS });
      return [typeof headers.location, headers.range, typeof headers["docker-upload-uuid"]];
    };
    expect(await bothWays({ uploadStartHeaders: false }, start)).toEqual([
      ["string", "0-0", "string"],
      ["string", undefined, "undefined"],
    ]);
  });
});
