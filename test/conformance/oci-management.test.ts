import { anImage, anIndex, sha256 } from "@tallyman/registry/testing/image-builder";
import { oneRegistry } from "@tallyman/registry/testing/one-registry";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codeOf, NAME, NOWHERE } from "../support/oci.ts";

/** OCI Distribution Specification 1.1, "Content Management". */
const world = oneRegistry(NAME);
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

function ask(method: string, rest: string) {
  return world.client.v2({ method, path: `/v2/${NAME}/${rest}` });
}

describe("deleting tags and manifests", () => {
  test("DELETE of a tag is 202 and leaves the manifest its other tags", async () => {
    const image = anImage();
    for (const tag of ["one", "two"]) await world.client.push(NAME, image, tag);
    expect((await ask("DELETE", "manifests/one")).status).toBe(202);
    expect((await ask("GET", "manifests/one")).status).toBe(404);
    expect((await ask("GET", "manifests/two")).status).toBe(200);
    expect(JSON.parse((await ask("GET", "tags/list")).text).tags).toEqual(["two"]);
  });

  test("DELETE of the last tag takes the image along, as ECR does", async () => {
    const image = anImage();
    await world.client.push(NAME, image, "one");
    expect((await ask("DELETE", "manifests/one")).status).toBe(202);
    expect((await ask("GET", `manifests/${image.digest}`)).status).toBe(404);
  });

  test("DELETE of a digest is 202, and GET by it and by all its tags is 404", async () => {
    const image = anImage();
    for (const tag of ["one", "two"]) await world.client.push(NAME, image, tag);
    expect((await ask("DELETE", `manifests/${image.digest}`)).status).toBe(202);
    for (const reference of [image.digest, "one", "two"]) {
      const gone = await ask("GET", `manifests/${reference}`);
      expect([gone.status, codeOf(gone)]).toEqual([404, "MANIFEST_UNKNOWN"]);
    }
  });

  test.each(["absent", NOWHERE])("DELETE of %s, which is not there, is 404", async (reference) => {
    const answer = await ask("DELETE", `manifests/${reference}`);
    expect([answer.status, codeOf(answer)]).toEqual([404, "MANIFEST_UNKNOWN"]);
  });

  test("DELETE of an index's child is 405 until the index is gone", async () => {
    const child = anImage();
    await world.client.push(NAME, child);
    const index = anIndex([child]);
    await world.client.push(NAME, index, "multi");
    const refused = await ask("DELETE", `manifests/${child.digest}`);
    const message = `Requested image referenced by manifest list: [${index.digest}]`;
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      405,
      { errors: [{ code: "UNSUPPORTED", message }] },
    ]);
    expect((await ask("DELETE", "manifests/multi")).status).toBe(202);
    expect((await ask("DELETE", `manifests/${child.digest}`)).status).toBe(202);
  });
});

describe("deleting blobs", () => {
  const bytes = Buffer.from("a blob");
  const blob = `blobs/${sha256(bytes)}`;

  test("DELETE is 202, and GET, HEAD and another DELETE are 404", async () => {
    await world.client.pushBlob(NAME, bytes);
    expect((await ask("DELETE", blob)).status).toBe(202);
    for (const method of ["GET", "HEAD", "DELETE"]) expect((await ask(method, blob)).status).toBe(404);
    expect((await world.client.pushBlob(NAME, bytes)).status).toBe(201);
    expect((await ask("GET", blob)).body.equals(bytes)).toBe(true);
  });

  test("DELETE of what is not there is 404 BLOB_UNKNOWN", async () => {
    const answer = await ask("DELETE", `blobs/${NOWHERE}`);
    expect([answer.status, codeOf(answer)]).toEqual([404, "BLOB_UNKNOWN"]);
  });

  test("DELETE of what an image needs is 405, and the image stays whole", async () => {
    const image = anImage([bytes]);
    await world.client.push(NAME, image, "1.0");
    const refused = await ask("DELETE", blob);
    expect([refused.status, codeOf(refused)]).toEqual([405, "UNSUPPORTED"]);
    expect((await ask("GET", blob)).status).toBe(200);
    await ask("DELETE", `manifests/${image.digest}`);
    expect((await ask("DELETE", blob)).status).toBe(202);
  });
});
