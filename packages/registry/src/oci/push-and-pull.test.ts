import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorCode } from "../testing/http-client.ts";
import { anImage, anIndex, OCI_INDEX, OCI_MANIFEST, sha256 } from "../testing/image-builder.ts";
import { oneRegistry } from "../testing/one-registry.ts";

const world = oneRegistry("team/app");
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

describe("pushing and pulling an image", () => {
  test("gives back the very bytes that were pushed, by tag and by digest", async () => {
    const image = anImage(["one", "two"]);
    const put = await world.client.push("team/app", image, "1.0");
    expect(put.status).toBe(201);
    expect(put.headers["docker-content-digest"]).toBe(image.digest);
    expect(put.headers.location).toBe(`/v2/team/app/manifests/${image.digest}`);
    for (const reference of ["1.0", image.digest]) {
      const got = await world.client.v2({ method: "GET", path: `/v2/team/app/manifests/${reference}` });
      expect(got.body.equals(image.bytes)).toBe(true);
      expect(got.headers["content-type"]).toBe(OCI_MANIFEST);
    }
    for (const blob of image.blobs) {
      const got = await world.client.v2({ method: "GET", path: `/v2/team/app/blobs/${sha256(blob)}` });
      expect(got.body.equals(blob)).toBe(true);
    }
  });

  test("answers HEAD with the headers of GET and no body", async () => {
    const image = anImage();
    await world.client.push("team/app", image, "1.0");
    const manifest = await world.client.v2({ method: "HEAD", path: "/v2/team/app/manifests/1.0" });
    expect(manifest).toMatchObject({ status: 200, text: "" });
    expect(manifest.headers).toMatchObject({
      "docker-content-digest": image.digest,
      "content-length": String(image.bytes.byteLength),
    });
    const blob = await world.client.v2({
      method: "HEAD",
      path: `/v2/team/app/blobs/${sha256(Buffer.from("layer"))}`,
    });
    expect(blob.headers["content-length"]).toBe("5");
    const absent = await world.client.v2({ method: "HEAD", path: "/v2/team/app/manifests/2.0" });
    expect(absent).toMatchObject({ status: 404, text: "" });
  });

  test("emits one PUSH with the media types", async () => {
    const image = anImage();
    await world.client.push("team/app", image, "1.0");
    expect(world.server.events).toEqual([
      {
        account: "111122223333",
        region: "us-east-1",
        detailType: "ECR Image Action",
        time: world.server.clock.now,
        resources: [],
        detail: {
          result: "SUCCESS",
          "action-type": "PUSH",
          "repository-name": "team/app",
          "image-digest": image.digest,
          "image-tag": "1.0",
          "manifest-media-type": OCI_MANIFEST,
          "artifact-media-type": "application/vnd.oci.image.config.v1+json",
        },
      },
    ]);
  });

  test("a second time succeeds and says nothing new", async () => {
    const image = anImage();
    await world.client.push("team/app", image, "1.0");
    const again = await world.client.push("team/app", image, "1.0");
    expect(again.status).toBe(201);
    expect(world.server.events).toHaveLength(1);
  });

  test("moves a tag, and the image that had it stays without a tag", async () => {
    const [a, b] = [anImage(["a"]), anImage(["b"])];
    await world.client.push("team/app", a, "latest");
    await world.client.push("team/app", b, "latest");
    const { body } = await world.client.api("DescribeImages", { repositoryName: "team/app" });
    const tags = Object.fromEntries(
      (body["imageDetails"] as unknown as { imageDigest: string; imageTags?: string[] }[]).map((image) => [
        image.imageDigest,
        image.imageTags,
      ]),
    );
    expect(tags).toEqual({ [a.digest]: undefined, [b.digest]: ["latest"] });
  });

  test("refuses to move an immutable tag, but not to push the same again", async () => {
    await world.client.api("CreateRepository", { repositoryName: "fixed", imageTagMutability: "IMMUTABLE" });
    const image = anImage(["a"]);
    await world.client.push("fixed", image, "1.0");
    expect((await world.client.push("fixed", image, "1.0")).status).toBe(201);
    const other = await world.client.push("fixed", anImage(["b"]), "1.0");
    expect([other.status, errorCode(other)]).toEqual([400, "TAG_INVALID"]);
  });
});

describe("an index", () => {
  test("is stored with its children, each with one PUSH, and has the size of the largest", async () => {
    const children = [anImage(["small"]), anImage(["much larger"])];
    const index = anIndex(children);
    for (const child of children) await world.client.push("team/app", child);
    expect((await world.client.push("team/app", index, "multi")).status).toBe(201);
    const { body } = await world.client.api("DescribeImages", {
      repositoryName: "team/app",
      imageIds: [{ imageTag: "multi" }],
    });
    expect(body["imageDetails"]?.["0"]).toMatchObject({
      imageDigest: index.digest,
      imageSizeInBytes: "much larger".length,
      imageManifestMediaType: OCI_INDEX,
    });
    expect(world.server.events.map((event) => event.detail["image-tag"])).toEqual(["", "", "multi"]);
  });

  test("is refused while a child is missing", async () => {
    const child = anImage();
    const answer = await world.client.push("team/app", anIndex([child]), "multi");
    expect([answer.status, errorCode(answer)]).toEqual([405, "UNSUPPORTED"]);
    expect(answer.text).toContain(child.digest);
    expect(world.server.events).toEqual([]);
  });

  test("protects its children from deletion until it is gone", async () => {
    const child = anImage();
    await world.client.push("team/app", child);
    await world.client.push("team/app", anIndex([child]), "multi");
    const path = `/v2/team/app/manifests/${child.digest}`;
    const refused = await world.client.v2({ method: "DELETE", path });
    expect([refused.status, errorCode(refused)]).toEqual([405, "UNSUPPORTED"]);
    expect((await world.client.v2({ method: "DELETE", path: "/v2/team/app/manifests/multi" })).status).toBe(
      202,
    );
    expect((await world.client.v2({ method: "DELETE", path })).status).toBe(202);
  });
});

describe("referrers", () => {
  test("are announced to the client, listed under their subject and filtered by type", async () => {
    const subject = anImage(["app"]);
    await world.client.push("team/app", subject, "1.0");
    const to = { mediaType: OCI_MANIFEST, digest: subject.digest, size: subject.bytes.byteLength };
    const sbom = anImage(["sbom"], {
      subject: to,
      artifactType: "text/sbom+json",
      annotations: { by: "syft" },
    });
    const put = await world.client.push("team/app", sbom);
    expect(put.headers["oci-subject"]).toBe(subject.digest);
    expect(world.server.events.at(-1)?.detailType).toBe("ECR Referrer Action");

    const path = `/v2/team/app/referrers/${subject.digest}`;
    const all = await world.client.v2({ method: "GET", path });
    expect(all.headers["content-type"]).toBe(OCI_INDEX);
    expect(JSON.parse(all.text).manifests).toEqual([
      {
        mediaType: OCI_MANIFEST,
        digest: sbom.digest,
        size: sbom.bytes.byteLength,
        artifactType: "text/sbom+json",
        annotations: { by: "syft" },
      },
    ]);
    const other = await world.client.v2({
      method: "GET",
      path: `${path}?artifactType=${encodeURIComponent("a/b")}`,
    });
    expect(JSON.parse(other.text).manifests).toEqual([]);
    expect(other.headers["oci-filters-applied"]).toBe("artifactType");
  });

  test("of what has none are an empty index", async () => {
    const answer = await world.client.v2({
      method: "GET",
      path: `/v2/team/app/referrers/sha256:${"0".repeat(64)}`,
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).manifests).toEqual([]);
  });
});

describe("the list of tags", () => {
  test("comes in pages that link to the next", async () => {
    const image = anImage();
    const tags = ["a", "b", "c", "d", "e"];
    for (const tag of tags) await world.client.push("team/app", image, tag);
    const seen: string[] = [];
    let path: string | undefined = "/v2/team/app/tags/list?n=2";
    while (path !== undefined) {
      const page = await world.client.v2({ method: "GET", path });
      seen.push(...JSON.parse(page.text).tags);
      path = /<(.+)>; rel="next"/.exec(String(page.headers["link"]))?.[1];
    }
    expect(seen).toEqual(tags);
  });

  test("may have at most 1000 a page, as ECR words it", async () => {
    const answer = await world.client.v2({ method: "GET", path: "/v2/team/app/tags/list?n=1001" });
    expect([answer.status, errorCode(answer)]).toEqual([405, "UNSUPPORTED"]);
    expect(answer.text).toContain("'maxResults'");
  });
});

describe("what is not there", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  test.each([
    ["GET", "/v2/no/such/manifests/1.0", 404, "NAME_UNKNOWN"],
    ["GET", "/v2/no/such/tags/list", 404, "NAME_UNKNOWN"],
    ["POST", "/v2/no/such/blobs/uploads/", 404, "NAME_UNKNOWN"],
    ["GET", "/v2/team/app/manifests/9", 404, "MANIFEST_UNKNOWN"],
    ["DELETE", "/v2/team/app/manifests/9", 404, "MANIFEST_UNKNOWN"],
    ["GET", `/v2/team/app/blobs/${digest}`, 404, "BLOB_UNKNOWN"],
    ["PATCH", "/v2/team/app/blobs/uploads/7", 404, "BLOB_UPLOAD_UNKNOWN"],
    ["DELETE", `/v2/team/app/blobs/${digest}`, 404, "BLOB_UNKNOWN"],
    ["POST", "/v2/team/app/tags/list", 405, "UNSUPPORTED"],
  ])("%s %s is %i %s", async (method, path, status, code) => {
    const answer = await world.client.v2({ method, path });
    expect([answer.status, errorCode(answer)]).toEqual([status, code]);
  });

  test("a manifest whose layers were not pushed is refused and names them", async () => {
    const image = anImage(["absent"]);
    const path = "/v2/team/app/manifests/1.0";
    const answer = await world.client.v2({
      method: "PUT",
      path,
      body: image.bytes,
      headers: { "Content-Type": image.mediaType },
    });
    expect([answer.status, errorCode(answer)]).toEqual([405, "UNSUPPORTED"]);
    expect(answer.text).toContain(sha256(Buffer.from("absent")));
  });

  test("a layer of another repository is not this one's", async () => {
    await world.client.api("CreateRepository", { repositoryName: "other" });
    const blob = Buffer.from("shared");
    await world.client.pushBlob("other", blob);
    const answer = await world.client.v2({ method: "GET", path: `/v2/team/app/blobs/${sha256(blob)}` });
    expect(errorCode(answer)).toBe("BLOB_UNKNOWN");
  });
});
