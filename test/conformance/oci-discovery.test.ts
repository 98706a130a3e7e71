import { anImage, anIndex, OCI_INDEX, OCI_MANIFEST } from "@tallyman/registry/testing/image-builder";
import { clientOf, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import { type RegistryServer, startRegistryServer } from "@tallyman/registry/testing/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, NAME, NOWHERE, nextOf } from "../support/oci.ts";

/** OCI Distribution Specification 1.1, "Content Discovery", and `_catalog`, which Docker's clients know. */
const TAGS = ["1.0", "10", "9", "Beta", "alpha", "latest"];
const subject = anImage(["subject"]);
const refersTo = { mediaType: OCI_MANIFEST, digest: subject.digest, size: subject.bytes.byteLength };
const SBOM = "application/vnd.example.sbom.v1+json";
const sboms = ["one", "two"].map((name) =>
  anImage([name], { subject: refersTo, artifactType: SBOM, annotations: { name } }),
);
/** Its type is its config's. */
const signature = anImage(["signature"], { subject: refersTo });
let server: RegistryServer;
let client: RegistryClient;

beforeAll(async () => {
  server = await startRegistryServer();
  client = clientOf(server);
  for (const repositoryName of ["zulu", NAME, "alpha/one", "alpha/two"]) {
    await client.api("CreateRepository", { repositoryName });
  }
  for (const tag of TAGS) await client.push(NAME, subject, tag);
  for (const referrer of [...sboms, signature]) await client.push(NAME, referrer);
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

function get(path: string) {
  return client.v2({ method: "GET", path });
}

async function walk(
  first: string,
  member: string,
): Promise<{ readonly items: string[]; readonly pages: number }> {
  const items: string[] = [];
  let pages = 0;
  for (let path: string | undefined = first; path !== undefined; pages++) {
    const page = await get(path);
    expect(page.status).toBe(200);
    items.push(...JSON.parse(page.text)[member]);
    path = nextOf(page);
  }
  return { items, pages };
}

describe("listing tags", () => {
  const list = `/v2/${NAME}/tags/list`;

  test("is 200 with the name and all tags in lexical order", async () => {
    const answer = await get(list);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ name: NAME, tags: TAGS.toSorted() });
    expect(nextOf(answer)).toBeUndefined();
  });

  test("of a repository without any is an empty list", async () => {
    expect(JSON.parse((await get("/v2/zulu/tags/list")).text)).toEqual({ name: "zulu", tags: [] });
  });

  test.each([
    [1, 6],
    [2, 3],
    [4, 2],
    [6, 1],
    [1000, 1],
  ])("n=%i gives every tag once, in %i pages that a Link leads through", async (n, pages) => {
    expect(await walk(`${list}?n=${n}`, "tags")).toEqual({ items: TAGS.toSorted(), pages });
  });

  test("n=0 is an empty list without a Link", async () => {
    const answer = await get(`${list}?n=0`);
    expect([JSON.parse(answer.text).tags, nextOf(answer)]).toEqual([[], undefined]);
  });

  test("last=... begins after it, whether it is there or not", async () => {
    expect(JSON.parse((await get(`${list}?last=Beta`)).text).tags).toEqual(["alpha", "latest"]);
    expect(JSON.parse((await get(`${list}?last=b`)).text).tags).toEqual(["latest"]);
    expect(JSON.parse((await get(`${list}?last=latest`)).text).tags).toEqual([]);
  });

  test.each(["-1", "x", "1001", "1e3"])("n=%s is refused in ECR's words", async (n) => {
    const answer = await get(`${list}?n=${n}`);
    expect([answer.status, codeOf(answer)]).toEqual([405, "UNSUPPORTED"]);
  });

  test("of no repository is 404 NAME_UNKNOWN", async () => {
    const answer = await get("/v2/no/such/tags/list");
    expect([answer.status, codeOf(answer)]).toEqual([404, "NAME_UNKNOWN"]);
  });
});

describe("listing referrers", () => {
  const list = `/v2/${NAME}/referrers/${subject.digest}`;
  const digestsIn = (text: string) =>
    JSON.parse(text).manifests.map((manifest: { digest: string }) => manifest.digest);

  test("is 200 with an index of descriptors, their artifact types and annotations", async () => {
    const answer = await get(list);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, OCI_INDEX]);
    const index = JSON.parse(answer.text);
    expect(index).toMatchObject({ schemaVersion: 2, mediaType: OCI_INDEX });
    const expected = [...sboms, signature].map((referrer) => ({
      mediaType: OCI_MANIFEST,
      digest: referrer.digest,
      size: referrer.bytes.byteLength,
      artifactType: referrer === signature ? "application/vnd.oci.image.config.v1+json" : SBOM,
    }));
    expect(index.manifests).toHaveLength(3);
    for (const descriptor of expected) {
      expect(index.manifests).toContainEqual(expect.objectContaining(descriptor));
    }
    expect(index.manifests).toContainEqual(expect.objectContaining({ annotations: { name: "one" } }));
    expect(answer.headers["oci-filters-applied"]).toBeUndefined();
  });

  test.each([encodeURIComponent(SBOM), SBOM])("?artifactType=%s filters and says so", async (type) => {
    const answer = await get(`${list}?artifactType=${type}`);
    expect(answer.headers["oci-filters-applied"]).toBe("artifactType");
    expect(digestsIn(answer.text).toSorted()).toEqual(sboms.map((sbom) => sbom.digest).toSorted());
  });

  test("of a type that none has, and of what is not there, is an empty index", async () => {
    const none = await get(`${list}?artifactType=a%2Fb`);
    expect([none.status, digestsIn(none.text)]).toEqual([200, []]);
    const nowhere = await get(`/v2/${NAME}/referrers/${NOWHERE}`);
    expect([nowhere.status, nowhere.headers["content-type"], digestsIn(nowhere.text)]).toEqual([
      200,
      OCI_INDEX,
      [],
    ]);
  });

  test("of what is no digest is 400", async () => {
    const answer = await get(`/v2/${NAME}/referrers/latest`);
    expect([answer.status, codeOf(answer)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("lists an index that refers, and forgets what was deleted", async () => {
    const child = anImage(["child"]);
    await client.push(NAME, child);
    const parsed = JSON.parse(anIndex([child]).bytes.toString());
    const body = Buffer.from(JSON.stringify({ ...parsed, subject: refersTo, artifactType: "a/index" }));
    const headers = { "Content-Type": OCI_INDEX };
    const put = await client.v2({ method: "PUT", path: `/v2/${NAME}/manifests/index`, body, headers });
    const digest = String(put.headers["docker-content-digest"]);
    const filtered = await get(`${list}?artifactType=a%2Findex`);
    expect(JSON.parse(filtered.text).manifests).toEqual([
      { mediaType: OCI_INDEX, digest, size: body.byteLength, artifactType: "a/index" },
    ]);
    await client.v2({ method: "DELETE", path: `/v2/${NAME}/manifests/${digest}` });
    expect(digestsIn((await get(list)).text)).not.toContain(digest);
  });
});

describe("the catalog", () => {
  const names = ["alpha/one", "alpha/two", NAME, "zulu"];

  test.each([
    ["/v2/_catalog", 1],
    ["/v2/_catalog?n=1", 4],
    ["/v2/_catalog?n=3", 2],
    ["/v2/_catalog?n=4", 1],
  ])("%s lists the repositories in lexical order, in %i pages", async (path, pages) => {
    expect(await walk(path, "repositories")).toEqual({ items: names, pages });
  });

  test("begins after last, and n has ECR's bound", async () => {
    expect(JSON.parse((await get("/v2/_catalog?last=b")).text)).toEqual({ repositories: [NAME, "zulu"] });
    expect((await get("/v2/_catalog?n=1001")).status).toBe(405);
  });

  test("of another registry has none of these", async () => {
    const abroad = clientOf(server, { region: "us-west-2" });
    expect(JSON.parse((await abroad.v2({ method: "GET", path: "/v2/_catalog" })).text).repositories).toEqual(
      [],
    );
  });
});
